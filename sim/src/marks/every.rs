//! The list of all marks, derived from the types of frames.

use super::values::{Class, Place};
use crate::counters::Counters;
use revline_store::api::{
    AlarmAction, AlarmKind, AuthRequest, AuthResponse, ClusterRequest, CompareResult, CompareTarget,
    ElectionRequest, ElectionResponse, EventType, FilterType, LeaderResponse, LeaseRequest, LeaseResponse,
    LockRequest, LockResponse, MaintenanceRequest, MaintenanceResponse, PermissionType, Request, RequestOp,
    Response, ResponseOp, SortOrder, SortTarget, WatchRequest, WatchResponse,
};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply};
use revline_store::mark::Mark;
use serde_reflection::{
    ContainerFormat, Format, Named, Registry, Samples, Tracer, TracerConfig, VariantFormat,
};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Every mark there is, in order of names.
pub fn every() -> &'static [String] {
    static EVERY: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut marks = of_types();
        marks.extend(Mark::ALL.iter().map(|mark| of_state(mark.name())));
        marks.extend(Counters::default().named().into_iter().map(|(name, _)| of_count(name)));
        marks.into_iter().collect()
    });
    &EVERY
}

/// The name of the mark of a state of a machine.
pub(super) fn of_state(name: &str) -> String {
    format!("state: {name}")
}

/// The name of the mark of something that is counted.
pub(super) fn of_count(name: &str) -> String {
    format!("count: {name}")
}

/// The name of the mark of a field.
pub(super) fn of_field(place: &Place<'_>, class: Class) -> String {
    let Place { in_txn, container, field } = place;
    let within = if *in_txn { "txn: " } else { "" };
    match class {
        Class::Variant => format!("{within}{container}.{field}"),
        class => format!("{within}{container}.{field} {}", class.name()),
    }
}

fn of_types() -> BTreeSet<String> {
    let mut tracer = Tracer::new(TracerConfig::default());
    let samples = Samples::new();
    // An enum within a type is seen at one variant, unless it is traced by itself; the registry says which was not.
    macro_rules! trace {
        ($($Type:ty,)*) => {
            $(tracer.trace_type::<$Type>(&samples).expect("frames are made of what serde can describe");)*
        };
    }
    trace! {
        SortOrder, SortTarget, CompareResult, CompareTarget, RequestOp, Request, LeaseRequest, LockRequest,
        ElectionRequest, ClusterRequest, AlarmAction, AlarmKind, MaintenanceRequest, PermissionType, AuthRequest,
        Call, FilterType, WatchRequest, ClientFrame,
        ResponseOp, Response, LeaseResponse, LockResponse, ElectionResponse, MaintenanceResponse, AuthResponse,
        Reply, Error, EventType, LeaderResponse, WatchResponse,
    }
    let registry = tracer.registry().expect("every enum is traced");
    let mut walk = Walk { registry: &registry, marks: BTreeSet::new(), been: BTreeSet::new() };
    for root in ["ClientFrame", "Reply", "Error", "LeaderResponse", "WatchResponse"] {
        walk.container(root, false);
    }
    walk.marks
}

struct Walk<'a> {
    registry: &'a Registry,
    marks: BTreeSet<String>,
    been: BTreeSet<(&'a str, bool)>,
}

impl<'a> Walk<'a> {
    fn note(&mut self, place: &Place<'_>, classes: &[Class]) {
        if !place.field.is_empty() {
            self.marks.extend(classes.iter().map(|&class| of_field(place, class)));
        }
    }

    fn container(&mut self, name: &str, in_txn: bool) {
        let Some((name, format)) = self.registry.get_key_value(name) else { return };
        if !self.been.insert((name, in_txn)) {
            return;
        }
        let within = Place { in_txn, container: "", field: "" };
        match format {
            ContainerFormat::UnitStruct => {}
            ContainerFormat::NewTypeStruct(inner) => self.format(inner, &within),
            ContainerFormat::TupleStruct(formats) => {
                formats.iter().for_each(|format| self.format(format, &within))
            }
            ContainerFormat::Struct(fields) => self.fields(fields, name, &within),
            ContainerFormat::Enum(variants) => {
                for Named { name: variant, value } in variants.values() {
                    let place = within.within(name, variant);
                    self.note(&place, &[Class::Variant]);
                    match value {
                        VariantFormat::Variable(_) | VariantFormat::Unit => {}
                        VariantFormat::NewType(inner) => self.format(inner, &place),
                        VariantFormat::Tuple(formats) => {
                            formats.iter().for_each(|format| self.format(format, &place));
                        }
                        VariantFormat::Struct(fields) => self.fields(fields, variant, &place),
                    }
                }
            }
        }
    }

    fn fields(&mut self, fields: &'a [Named<Format>], container: &'a str, within: &Place<'_>) {
        for Named { name, value } in fields {
            self.format(value, &Place { in_txn: within.in_txn, container, field: name });
        }
    }

    fn format(&mut self, format: &'a Format, place: &Place<'_>) {
        let element = Place { in_txn: place.in_txn, container: "", field: "" };
        match format {
            Format::TypeName(name) => match self.registry.get(name) {
                // A struct around a value is that value.
                Some(ContainerFormat::NewTypeStruct(inner)) => self.format(inner, place),
                _ => self.container(name, place.in_txn),
            },
            Format::Bool => self.note(place, &[Class::False, Class::True]),
            Format::I8 | Format::I16 | Format::I32 | Format::I64 | Format::I128 => {
                self.note(place, &[Class::Negative, Class::Zero, Class::Positive]);
            }
            Format::U8 | Format::U16 | Format::U32 | Format::U64 | Format::U128 => {
                self.note(place, &[Class::Zero, Class::Positive]);
            }
            Format::Str | Format::Bytes => self.note(place, &[Class::Empty, Class::Some]),
            Format::Char | Format::F32 | Format::F64 => self.note(place, &[Class::Some]),
            Format::Option(inner) => {
                self.note(place, &[Class::Absent, Class::Present]);
                self.format(inner, &element);
            }
            Format::Seq(inner) => {
                self.note(place, &[Class::Empty, Class::One, Class::Several]);
                self.format(inner, &element);
            }
            Format::Map { value, .. } => {
                self.note(place, &[Class::Empty, Class::One, Class::Several]);
                self.format(value, &element);
            }
            Format::Tuple(formats) => formats.iter().for_each(|format| self.format(format, &element)),
            Format::TupleArray { content, .. } => self.format(content, &element),
            Format::Variable(_) | Format::Unit => {}
        }
    }
}
