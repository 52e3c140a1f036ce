use revline_scenarios::{catalogue, sweep::*};
fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(3);
    let only: Option<String> = std::env::args().nth(2);
    let defects = std::env::args()
        .nth(3)
        .map(|d| d.parse::<revline_store::defect::Defect>().unwrap().into())
        .unwrap_or_default();
    let t0 = std::time::Instant::now();
    let s = Sweep {
        scenarios: catalogue::all()
            .into_iter()
            .filter(|s| only.as_ref().is_none_or(|o| o == "all" || *o == s.name))
            .collect(),
        first_seed: 0,
        seeds,
        defects,
        shard: Shard::WHOLE,
        jobs: 2.try_into().unwrap(),
    };
    let mut bad = 0;
    let reports = s.run(&|| t0.elapsed(), &mut |f| {
        if f.report.failed() {
            bad += 1;
            if bad < 6 {
                println!("FAILED {}@{} {:?}", f.report.scenario, f.report.seed, f.report.panic);
                for (g, e) in f.report.guarantees.violations() {
                    println!("  {g}: {e}");
                }
            }
        }
        for (g, v) in f.report.guarantees.iter() {
            if let revline_checker::verdict::Verdict::Unknown { why } = v {
                println!("UNKNOWN {}@{} {g}: {why}", f.report.scenario, f.report.seed);
            }
        }
        Proceed::On
    });
    let (mut ops, mut unk, mut wall) = (0, 0, 0.0);
    for sc in &s.scenarios {
        let rs: Vec<_> = reports.iter().filter(|r| r.scenario == sc.name).collect();
        let n = rs.len() as f64;
        println!(
            "{:24} ops {:6.0} unk {:5.1} ev {:6.0} el {:4.1} wall {:6.1} ms  failed {} {:?}",
            sc.name,
            rs.iter().map(|r| r.operations as f64).sum::<f64>() / n,
            rs.iter().map(|r| r.unknown_operations as f64).sum::<f64>() / n,
            rs.iter().map(|r| r.watch_events as f64).sum::<f64>() / n,
            rs.iter().map(|r| r.elections as f64).sum::<f64>() / n,
            rs.iter().map(|r| r.wall_ms).sum::<f64>() / n,
            rs.iter().filter(|r| r.failed()).count(),
            rs.iter()
                .fold(revline_sim::Counters::default(), |mut a, r| {
                    a += r.counters;
                    a
                })
                .named()
                .iter()
                .map(|(n, c)| format!("{n}={c}"))
                .collect::<Vec<_>>()
                .join(" ")
        );
    }
    for r in &reports {
        ops += r.operations;
        unk += r.unknown_operations;
        wall += r.wall_ms;
    }
    let mut v = revline_checker::verdict::Verdicts::default();
    for r in &reports {
        v.merge(r.guarantees.clone());
    }
    for (g, v) in v.iter() {
        println!("{g}: {} {}", v.word(), v.examined());
    }
    println!(
        "{ops} ops {unk} unknown, {:.0} ops/core-s, {} failed, elapsed {:?}",
        ops as f64 / wall * 1e3,
        bad,
        t0.elapsed()
    );
}
