//! A small plan as a Rust test: the same world, calls and faults, at the same times, in the words of a test suite.
//!
//! Requests are taken from the history of the run: so it does not matter which operation of a plan made them. What a
//! test cannot say in a line (recipes, steps of an operator, users) makes a test that runs the plan from its file.

mod moments;
mod request;
mod world;

use crate::execute::{Outcome, execute};
use crate::plan::{ClientPlan, Plan};
use moments::{Moment, Task, moments};
use revline_checker::verdict::Fingerprint;
use revline_sim::Panicked;
use std::fmt::Write;
use std::path::Path;

/// Writes the test for a small plan, which lies in `file`. Runs it once more, to see its requests.
pub fn script(plan: &Plan, violation: &Fingerprint, file: &Path) -> Result<String, Panicked> {
    let outcome = execute(&Plan { guarantees: vec![violation.guarantee.clone()], ..plan.clone() }, false)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let head = format!("//! {violation}, as in `{name}`: a run of {} made small.\n\n", plan.scenario);
    let test = format!("#[test]\nfn {}() {{\n", violation.kind.replace('-', "_"));
    Ok(match calls(plan, &outcome) {
        Some(calls) => format!("{head}use revline::prelude::*;\n\n{test}{calls}}}\n"),
        None => format!("{head}{test}{}}}\n", of_file(&name)),
    })
}

/// A test that runs the plan from its file, which lies beside that of the test.
fn of_file(name: &str) -> String {
    format!(
        "    let bundle = revline::scenarios::bundle::Bundle::parse(include_str!(\"{name}\"), \"{name}\".as_ref()).unwrap();
    let outcome = revline::scenarios::execute(&bundle.plan, false).unwrap();
    assert!(!outcome.verdicts.any_violated(), \"{{:?}}\", outcome.verdicts);
"
    )
}

/// The statements that do the same, if there are such.
fn calls(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let is_plain = plan.operator.is_empty() && plan.auth.is_empty() && plan.restore.is_empty();
    let moments = moments(plan, &outcome.history).filter(|_| is_plain)?;
    let mut text = format!("    {}.run(|world| async move {{\n", world::test(plan)?);
    for (number, client) in plan.clients.iter().enumerate() {
        let _ = writeln!(text, "        let {} = {};", variable(number), place(client)?);
    }
    let mut now_ns = 0;
    for (at, Moment { at_ns, task }) in moments.iter().enumerate() {
        if *at_ns > now_ns {
            let _ = writeln!(text, "        world.sleep_until({}).await;", duration(*at_ns));
            now_ns = *at_ns;
        }
        let next_ns = moments.get(at + 1).map(|next| next.at_ns);
        let line = match task {
            Task::Strike { number, name, fault } => {
                format!("let fault_{number} = world.strike_as({name:?}, &parse_fault(r#\"{fault}\"#)?);")
            }
            Task::Heal { number } => format!("world.heal_one(fault_{number});"),
            Task::Call { client, call, return_ns } => {
                let client = variable(*client);
                match return_ns {
                    // It ends before anything else begins.
                    Some(return_ns) if next_ns.is_none_or(|next_ns| *return_ns < next_ns) => {
                        now_ns = *return_ns;
                        format!("let _ = {client}.{call}.await;")
                    }
                    _ => format!(
                        "world.spawn({{ let {client} = {client}.clone(); async move {{ let _ = {client}.{call}.await; }} }});"
                    ),
                }
            }
            Task::Watch { client, watch } => format!(
                "world.spawn({{ let {client} = {client}.clone(); async move {{ let mut watcher = {client}.{watch}.await; while watcher.next().await.is_some() {{}} }} }});",
                client = variable(*client)
            ),
            Task::WatchStream { client, watches } => {
                let client = variable(*client);
                let begin: String = watches.iter().map(|watch| format!("stream.{watch}; ")).collect();
                format!(
                    "world.spawn({{ let {client} = {client}.clone(); async move {{ let mut stream = {client}.watch_stream(); {begin}while stream.next().await.is_some() {{}} }} }});"
                )
            }
        };
        let _ = writeln!(text, "        {line}");
    }
    let last_ns = outcome
        .history
        .operations
        .iter()
        .filter(|operation| (operation.client.0 as usize) < plan.clients.len());
    let last_ns = last_ns.filter_map(|operation| operation.return_ns).max().unwrap_or(0);
    let end_ns = last_ns.max(plan.duration_ms * 1_000_000);
    if end_ns > now_ns {
        let _ = writeln!(text, "        world.sleep_until({}).await;", duration(end_ns));
    }
    text.push_str("        Ok(())\n    });\n");
    Some(text)
}

/// The name of a client in the test.
fn variable(number: usize) -> String {
    match u8::try_from(number) {
        Ok(number) if number < 26 => char::from(b'a' + number).to_string(),
        _ => format!("client_{number}"),
    }
}

fn place(client: &ClientPlan) -> Option<String> {
    if client.user.is_some() || !client.namespace.is_empty() {
        return None;
    }
    let ClientPlan { name, endpoints, first, .. } = client;
    Some(format!(
        "world.client_in_place(ClientPlace {{ name: {name:?}.to_owned(), endpoints: vec!{endpoints:?}, first: Some({first}), ..ClientPlace::default() }})"
    ))
}

fn duration(at_ns: u64) -> String {
    let (unit, number) = match at_ns {
        at_ns if at_ns % 1_000_000 == 0 => ("millis", at_ns / 1_000_000),
        at_ns if at_ns % 1_000 == 0 => ("micros", at_ns / 1_000),
        at_ns => ("nanos", at_ns),
    };
    format!("Duration::from_{unit}({})", grouped(number))
}

/// A number with `_` between its thousands, as code has it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::of_file;

    #[test]
    fn a_plan_is_read_from_the_file_beside_the_test() {
        let read = "revline::scenarios::bundle::Bundle::parse(include_str!(\"a.small.json\"), \"a.small.json\".as_ref())";
        assert!(of_file("a.small.json").contains(read));
    }
}
