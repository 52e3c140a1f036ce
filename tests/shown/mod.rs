//! The commands that documents show, in `console` blocks after `$ `.
//!
//! A command ends with status 0, unless `$ echo $?` and another status follow it. Lines that begin with `error: ` are what it says;
//! other lines are its output.

/// A command in a document, and how it should end.
#[derive(Debug)]
pub struct Shown {
    pub place: String,
    pub command: String,
    pub status: i32,
    pub errors: Vec<String>,
    pub output: Vec<String>,
}

/// The commands of a document.
pub fn commands(name: &str, text: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let (mut inside, mut asked) = (false, false);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if !inside {
        } else if line == "$ echo $?" {
            asked = true;
        } else if let Some(command) = line.strip_prefix("$ ") {
            shown.push(Shown {
                place: format!("{name}:{}", number + 1),
                command: command.to_owned(),
                status: 0,
                errors: Vec::new(),
                output: Vec::new(),
            });
        } else if let Some(last) = shown.last_mut() {
            if std::mem::take(&mut asked) {
                last.status = line.parse().unwrap();
            } else if line.starts_with("error: ") {
                last.errors.push(line.to_owned());
            } else {
                last.output.push(line.to_owned());
            }
        }
    }
    shown
}
