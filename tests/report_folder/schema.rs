//! The schema in docs/schema holds for what the program writes, and for nothing else.

use crate::document;
use crate::place::Place;
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The schema, which validates documents.
struct Schema {
    all: Schemas,
    own: SchemaIndex,
}

impl Schema {
    fn read() -> Schema {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/report.schema.json");
        let schema: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let (mut all, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("report.schema.json", schema).unwrap();
        let own = compiler.compile("report.schema.json", &mut all).unwrap();
        Schema { all, own }
    }

    /// The faults of a document; nothing if it is of the schema.
    fn faults(&self, document: &Value) -> String {
        self.all.validate(document, self.own).err().map(|error| format!("{error:#}")).unwrap_or_default()
    }
}

#[test]
fn every_document_is_of_the_schema() {
    let (place, schema) = (Place::new(), Schema::read());
    place.write(
        "known.json",
        r#"[{"fingerprint": "durable/lost-write", "reason": "mended in 2.0", "date": "2026-02-01"}]"#,
    );
    for (call, status) in [
        ("run steady lock-stress membership-churn --seeds 1", 0),
        ("run steady lock-stress --seeds 1 --shard 1/2 --behind-proxies", 0),
        ("run steady crash-restart --seeds 2 --defect watch-batch-split --known known.json", 1),
        ("run leader-isolated --seeds 1 --defect local-read-by-leader", 1),
        ("run clock-drift --for 1ms", 0),
        ("explore steady --runs 12 --seed 1 --fresh 0 --defect watch-batch-split", 1),
    ] {
        place.call(&format!("{call} --out some")).status(status);
        let report = document(&place, "some");
        assert_eq!(schema.faults(&report), "", "{call}");
    }
}

#[test]
fn other_documents_are_not_of_the_schema() {
    let (place, schema) = (Place::new(), Schema::read());
    place.call("run steady --seeds 1 --defect watch-batch-split").status(1);
    let report = document(&place, "out");
    let fields = report.as_object().unwrap().keys();
    for field in fields {
        let mut less = report.clone();
        less.as_object_mut().unwrap().remove(field);
        assert!(!schema.faults(&less).is_empty(), "{field} may be left out");
    }
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/plan/shard/of", json!(0)),
        ("/plan/first_seed", json!(-1)),
        ("/runs/0/trace_hash", json!("x")),
        ("/runs/0/guarantees/0/verdict", json!("fine")),
        ("/latencies/0/buckets/0", json!([1])),
        ("/ended", json!("somehow")),
        ("/groups/0/smallest/replay", Value::Null),
    ] {
        let mut other = report.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
        assert!(!schema.faults(&other).is_empty(), "{pointer}");
    }
}
