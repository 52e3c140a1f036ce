//! Mistakes that people make, and the message for each: the place, what is wrong, and what would be right.

use super::*;

/// A command, and the parts of its message.
type Mistake = (&'static str, &'static [&'static str]);

/// Mistakes on the command line.
const ON_THE_COMMAND_LINE: &[Mistake] = &[
    ("steady", &["`steady` is a scenario, where a command is expected", "`revline run steady`"]),
    ("steady@7", &["`steady@7` is a run", "`revline replay steady@7`"]),
    ("./scenario.json", &["`./scenario.json` is a file", "`revline run ./scenario.json`"]),
    (
        "stedy",
        &["there is no command `stedy`", "did you mean `revline run steady`?", "explain, merge, check"],
    ),
    ("shrnk x.json", &["there is no command `shrnk`", "did you mean `revline shrink`?"]),
    ("--seeds 3 run", &["`--seeds 3` stands before the command", "`revline run --seeds 3`"]),
    ("--json --seeds=3 run steady", &["`--json --seeds=3`", "`revline run --json --seeds=3 steady`"]),
    ("--seeds 3 steady", &["`steady` is a scenario", "`revline run --seeds 3 steady`"]),
    ("run --sed 3", &["'--sed'", "'--seeds'"]),
    ("run --seeds -1", &["'-1' for '--seeds <N>'", "a whole number from 1 to"]),
    ("run --seeds many", &["'many' for '--seeds <N>'", "a whole number from 1 to"]),
    ("run --first-seed -1", &["'-1' for '--first-seed <S>'", "a whole number from 0 to"]),
    ("run --jobs 0", &["'0' for '--jobs <N>'", "a whole number from 1 to 1024"]),
    ("run --max-failures 0", &["'0' for '--max-failures <N>'", "a whole number from 1 to"]),
    ("run --for soon", &["'soon' for '--for <TIME>'", "as in `90s` or `10m`"]),
    ("explore --fresh 101", &["'101' for '--fresh <PERCENT>'", "a whole number from 0 to 100"]),
    (
        "run --defect ack-befor-sync",
        &["'ack-befor-sync'", "did you mean `ack-before-sync`?", "`revline list defects`"],
    ),
    ("hunt nonsense", &["'nonsense'", "there is no such defect", "`revline list defects`"]),
    ("run stedy", &["unknown scenario `stedy`", "did you mean `steady`?", "`revline list scenarios`"]),
    ("replay steady", &["`steady`", "SCENARIO@SEED"]),
    (
        "replay scenario.json",
        &["scenario.json:", "missing field `plan`", "a scenario", "`revline run scenario.json`"],
    ),
    (
        "shrink sweep.json",
        &["sweep.json:", "the document of a sweep", "the bundle of one of its failing runs"],
    ),
    ("run sweep.json", &["sweep.json:", "the document of a sweep"]),
    ("check sweep.json", &["sweep.json", "the document of a sweep", "expected a history"]),
    ("check scenario.json", &["scenario.json", "is a scenario", "`revline run FILE`"]),
    ("completions tcsh", &["'tcsh'", "bash, elvish, fish, powershell, zsh"]),
];

/// Mistakes in a scenario: its fields beside its name, and the parts of the message.
const IN_A_SCENARIO: &[Mistake] = &[
    (
        r#""faults": [{"one_of": [{"kind": "crash", "target": "follower"}]}]"#,
        &[
            "`faults[0].one_of[0].target`",
            r#""follower" where "leader", {"follower": N} or {"member": N} is expected"#,
        ],
    ),
    (
        r#""faults": [{"one_of": [{"kind": "crash", "target": {"follower": "1"}}]}]"#,
        &["`faults[0].one_of[0].target.follower`", r#""1" where a whole number from 0 to 4294967295"#],
    ),
    (
        r#""faults": [{"one_of": [{"kind": "crash"}]}]"#,
        &["`faults[0].one_of[0]`: missing field `target` (The member)"],
    ),
    (
        r#""faults": [{"one_of": [{"kind": "crsh"}]}]"#,
        &["`faults[0].one_of[0].kind`: unknown variant `crsh`", "`crash`"],
    ),
    (
        r#""faults": [{"one_of": ["crash"]}]"#,
        &[r#"`faults[0].one_of[0]`: "crash" where an object with a `kind`"#],
    ),
    (r#""faults": [{}]"#, &["`faults[0]`: missing field `one_of` (The faults"]),
    (r#""proxies": [1, 2]"#, &["`proxies`: [1,2] where an object with", "`count`, `layers` is expected"]),
    (r#""proxies": {"count": 2}"#, &["`proxies.count`: 2 where an array of two, as in [1, 2], is expected"]),
    (r#""workload": {"writers": "two"}"#, &[r#"`workload.writers`: "two" where a whole number from 0"#]),
    (
        r#""workload": {"writes": {"putt": 1}}"#,
        &["`workload.writes.putt`: unknown field", "expected one of `put`"],
    ),
    (r#""linger": 1"#, &["`linger`: 1 where true or false is expected"]),
    (r#""guarantees": ["durabel"]"#, &["`guarantees[0]`: there is no guarantee `durabel`", "durable"]),
];

/// The messages that lack a part of what they should say.
fn wrong(place: &Place, mistakes: impl Iterator<Item = (String, &'static [&'static str])>) -> Vec<String> {
    let before = place.files();
    let mut wrong = Vec::new();
    for (command, parts) in mistakes {
        let ended = place.call(&command);
        let is_said = parts.iter().all(|part| ended.stderr.contains(part));
        if ended.status != 2 || !is_said || !ended.stdout.is_empty() || place.files() != before {
            wrong.push(format!("`{command}` should say {parts:?}: {ended:?}"));
        }
    }
    wrong
}

#[test]
fn a_mistake_on_the_command_line_is_told_what_would_be_right() {
    let place = Place::new();
    place.write("scenario.json", &scenario().to_string());
    let sweep = place.call("run scenario.json --seeds 1 --json").status(0).stdout;
    place.write("sweep.json", &sweep);
    let mistakes = ON_THE_COMMAND_LINE.iter().map(|(command, parts)| ((*command).to_owned(), *parts));
    let wrong = wrong(&place, mistakes);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mistake_in_a_scenario_is_told_with_its_place() {
    let place = Place::new();
    for (at, (fields, _)) in IN_A_SCENARIO.iter().enumerate() {
        let text = format!(r#"{{"name": "x", "about": "y", "members": [3], {fields}}}"#);
        place.write(&format!("{at}.json"), &text);
    }
    let mistakes = IN_A_SCENARIO.iter().enumerate();
    let mistakes = mistakes.map(|(at, (_, parts))| (format!("run {at}.json --seeds 1"), *parts));
    let wrong = wrong(&place, mistakes);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    place.write("little.json", r#"{"name": "x"}"#);
    place.refuses(
        "run little.json",
        &["little.json:1:13: missing fields `about` (", "`members` (The sizes of cluster"],
    );
}
