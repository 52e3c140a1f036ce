//! Writing a history line by line.

use super::pieces::{EndLine, FrameRef};
use super::{FORMAT, Header, LineRef, NamespaceLine, Record, VERSION};
use crate::history::{History, Part, Watch, WatchEnd};
use std::io::{self, Write};

/// Writes records as they come.
pub struct Writer<W> {
    output: W,
}

/// Writes a whole history, in the order in which its parts were over, so that it can be judged while it is read.
pub fn write(history: &History, output: impl Write) -> io::Result<()> {
    let mut writer = Writer::begin(output, history.is_of_new_store)?;
    for (client, prefix) in &history.namespaces {
        writer.line(&LineRef::Namespace(NamespaceLine { client: *client, prefix: prefix.clone() }))?;
    }
    history.in_order(|part| match part {
        Part::Operation(operation) => writer.line(&LineRef::Op(operation)),
        Part::Watch(watch) if !is_in_pieces(watch) => writer.line(&LineRef::Watch(watch)),
        Part::Watch(watch) => writer.line(&LineRef::Watch(&begun(watch))),
        Part::Frame(watch, frame) if is_in_pieces(watch) => {
            writer.line(&LineRef::Frame(FrameRef { watch: watch.id, frame }))
        }
        Part::WatchEnd(watch) if is_in_pieces(watch) && watch.is_over() => {
            let (end, end_ns) = (watch.end.clone(), watch.end_ns);
            writer.line(&LineRef::WatchEnd(EndLine { watch: watch.id, end, end_ns }))
        }
        Part::Frame(..) | Part::WatchEnd(_) => Ok(()),
        Part::Hold(hold) => writer.line(&LineRef::Hold(hold)),
        Part::Observer(observer) => writer.line(&LineRef::Observer(observer)),
        Part::Admin(call) => writer.line(&LineRef::Admin(call)),
        Part::Observation(observation) => writer.line(&LineRef::Observation(observation)),
    })?;
    writer.finish()
}

/// A watch as it stood when it was asked for.
fn begun(watch: &Watch) -> Watch {
    Watch {
        id: watch.id,
        client: watch.client,
        member: watch.member,
        user: watch.user.clone(),
        resumes: watch.resumes,
        request: watch.request.clone(),
        invoke_ns: watch.invoke_ns,
        frames: Vec::new(),
        end: WatchEnd::Open,
        end_ns: None,
    }
}

/// True if a watch can be told in pieces: where its end says nothing that its own line does not, it has none.
fn is_in_pieces(watch: &Watch) -> bool {
    let last_ns = watch.frames.last().map_or(watch.invoke_ns, |frame| frame.received_ns);
    match (&watch.end, watch.end_ns) {
        (WatchEnd::Open, end_ns) => end_ns.is_none(),
        (_, end_ns) => end_ns.is_none_or(|end_ns| end_ns >= last_ns),
    }
}

impl<W: Write> Writer<W> {
    /// Begins a history with its header.
    pub fn new(output: W) -> io::Result<Self> {
        Writer::begin(output, false)
    }

    /// Begins the history of a new store with its header: nothing had been done to it before.
    pub fn of_new_store(output: W) -> io::Result<Self> {
        Writer::begin(output, true)
    }

    fn begin(output: W, new_store: bool) -> io::Result<Self> {
        let mut writer = Writer { output };
        writer.line(&LineRef::Header(&Header { format: FORMAT.to_owned(), version: VERSION, new_store }))?;
        Ok(writer)
    }

    /// Writes one record.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        self.line(&match record {
            Record::Operation(operation) => LineRef::Op(operation),
            Record::Watch(watch) => LineRef::Watch(watch),
            Record::Frame { watch, frame } => LineRef::Frame(FrameRef { watch: *watch, frame }),
            Record::WatchEnd { watch, end, end_ns } => {
                LineRef::WatchEnd(EndLine { watch: *watch, end: end.clone(), end_ns: *end_ns })
            }
            Record::Hold(hold) => LineRef::Hold(hold),
            Record::Observer(observer) => LineRef::Observer(observer),
            Record::Admin(call) => LineRef::Admin(call),
            Record::Namespace { client, prefix } => {
                LineRef::Namespace(NamespaceLine { client: *client, prefix: prefix.clone() })
            }
            Record::Observation(observation) => LineRef::Observation(observation),
        })
    }

    /// Ends the history.
    pub fn finish(mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// The output, as it is.
    pub fn into_inner(self) -> W {
        self.output
    }

    fn line(&mut self, line: &LineRef<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.output, line)?;
        self.output.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// The examples of the documentation, as they stand there.
    fn examples() -> Vec<&'static str> {
        let page = include_str!("../../../../docs/history-format.md");
        let blocks = page.split("```jsonl\n").skip(1);
        blocks.map(|block| &block[..block.find("```").expect("the example ends")]).collect()
    }

    /// The same operations and watches, whatever was written first.
    fn sorted(mut history: History) -> History {
        history.operations.sort_by_key(|operation| (operation.invoke_ns, operation.client));
        history.watches.sort_by_key(|watch| watch.id);
        history
    }

    #[test]
    fn the_documented_example_is_read_judged_and_written_as_it_stands() {
        let history = read("docs/history-format.md", examples()[0].as_bytes()).unwrap();
        let verdicts = crate::judge::Judge::new(&history).run();
        for (name, verdict) in verdicts.iter() {
            assert!(verdict.holds(), "{name}: {verdict}");
        }
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let again = read("written", written.as_slice()).unwrap();
        assert_eq!(sorted(again), sorted(history));
    }

    #[test]
    fn the_example_in_pieces_is_proven_as_it_is_read_and_written_as_it_stands() {
        let examples = examples();
        assert_eq!(examples.len(), 2);
        let mut judge = crate::judge::Judge::online();
        let mut records =
            crate::history::jsonl::Checked::new("docs/history-format.md", examples[1].as_bytes());
        for record in records.by_ref() {
            judge.record(record.unwrap()).unwrap();
        }
        assert!(records.is_sure());
        let verdicts = judge.finish().unwrap();
        for name in ["linearizable", "watch-reliable", "watch-resumable", "watch-bookmarkable"] {
            assert!(verdicts.get(name).is_some_and(|verdict| verdict.holds()), "{name}");
        }
        let history = read("docs/history-format.md", examples[1].as_bytes()).unwrap();
        assert_eq!(crate::judge::Judge::new(&history).run(), verdicts);
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let kinds = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split(['"', ',']).nth(3).unwrap_or("").to_owned()).collect()
        };
        assert_eq!(kinds(std::str::from_utf8(&written).unwrap()), kinds(examples[1]));
        assert_eq!(read("written", written.as_slice()).unwrap(), history);
    }

    #[test]
    fn a_watch_whose_end_does_not_fit_is_written_in_one_piece() {
        use crate::history::build::*;
        let mut h = Builder::default();
        let (first, second) = (h.watch(0, watching("a", "", 0)), h.watch(1, watching("b", "", 0)));
        h.created(first, 1);
        h.created(second, 1);
        let mut history = h.build();
        (history.watches[0].end, history.watches[0].end_ns) = (WatchEnd::Broken, Some(1));
        history.watches[1].end_ns = Some(100);
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        assert_eq!(read("written", written.as_slice()).unwrap(), history);
    }

    #[test]
    fn namespaces_users_and_who_may_do_what_are_read_as_they_were_written() {
        use crate::history::build::*;
        use crate::history::{
            AuthRequest, AuthResponse, MemberId, Observation, Permission, PermissionType, Response,
        };
        let mut h = Builder::default();
        h.namespace(3, "app/");
        for request in [
            user_add("root"),
            role_add("r"),
            role_grant("r", PermissionType::ReadWrite, "a", "\0"),
            role_revoke("r", "a", "\0"),
            user_grant_role("u", "r"),
            user_revoke_role("u", "r"),
            auth(AuthRequest::Enable),
            auth(AuthRequest::Authenticate { name: "root".to_owned() }),
            auth(AuthRequest::UserChangePassword { name: "u".to_owned() }),
            auth(AuthRequest::UserDelete { name: "u".to_owned() }),
            auth(AuthRequest::RoleDelete { role: "r".to_owned() }),
            auth(AuthRequest::Disable),
        ] {
            let response = changed(1, &request);
            let operation = h.ok(0, request, response);
            h.by_user(operation, "root");
        }
        let header = crate::history::Header { member: MemberId(1), revision: 1, term: 2 };
        let perm =
            vec![Permission { perm_type: PermissionType::Read, key: "a".into(), range_end: "".into() }];
        let names = || vec!["r".to_owned()];
        for (request, response) in [
            (AuthRequest::Status, AuthResponse::Status { header, enabled: true, auth_revision: 9 }),
            (AuthRequest::UserGet { name: "u".into() }, AuthResponse::UserGet { header, roles: names() }),
            (AuthRequest::UserList, AuthResponse::UserList { header, users: names() }),
            (AuthRequest::RoleGet { role: "r".into() }, AuthResponse::RoleGet { header, perm }),
            (AuthRequest::RoleList, AuthResponse::RoleList { header, roles: names() }),
        ] {
            h.ok(0, auth(request), Response::Auth(response));
        }
        let watch = h.watch(3, watching("a", "", 0));
        h.watched_by(watch, "u");
        h.observation(Observation::Settled {
            at_ns: 900,
            member: MemberId(1),
            revision: 1,
            leader: None,
            auth_revision: Some(9),
            auth_hash: Some(u64::MAX),
        });
        let history = h.build();
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let text = std::str::from_utf8(&written).unwrap();
        assert!(text.contains(r#"{"kind":"namespace","client":3,"prefix":"app/"}"#), "{text}");
        assert!(text.contains(r#""user":"root","#) && text.contains(r#""user":"u","#), "{text}");
        let perm = r#""perm":{"perm_type":"read_write","key":"a","range_end":"\u0000"}"#;
        let granted = format!(r#""request":{{"auth":{{"role_grant_permission":{{"name":"r",{perm}}}}}}}"#);
        assert!(text.contains(&granted) && text.contains(r#""request":{"auth":"enable"}"#), "{text}");
        assert_eq!(read("written", written.as_slice()).unwrap(), history);
    }

    #[test]
    fn leases_locks_and_elections_are_read_as_they_were_written() {
        use crate::history::build::*;
        let mut h = Builder::default();
        let mine = || leader_key("e", 7, 3);
        for (request, response) in [
            (grant(7, 10), granted(1, 7, 10)),
            (keep_alive(7), kept_alive(1, 7, 10)),
            (time_to_live(7), lives(1, 7, 9, 10, &["a"])),
            (leases(), listed(1, &[7])),
            (lock("l", 7), locked(2, "l/7")),
            (campaign("e", 7, "me"), elected(3, mine())),
            (proclaim(mine(), "you"), proclaimed(4)),
            (leader("e"), led(4, with_lease(kv("e/7", "you", 3, 4, 2), 7))),
            (resign(mine()), resigned(5)),
            (unlock("l/7"), unlocked(6)),
            (revoke(7), revoked(6)),
        ] {
            h.ok(0, request, response);
        }
        h.hold(0, lock_hold("l", "l/7", 7, 2), 10, Some(20));
        h.hold(0, leader_hold("e", "e/7", 7, 3), 10, None);
        let observer = h.observe(1, "e");
        h.observed(observer, 4, kv("e/7", "you", 3, 4, 2));
        let history = h.build();
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let text = std::str::from_utf8(&written).unwrap();
        assert!(text.contains(r#""request":{"lease":{"grant":{"id":7,"ttl_s":10}}}"#), "{text}");
        assert!(text.contains(r#""request":{"lease":"leases"}"#) && text.contains(r#""kind":"hold""#));
        assert_eq!(read("written", written.as_slice()).unwrap(), history);
    }
}
