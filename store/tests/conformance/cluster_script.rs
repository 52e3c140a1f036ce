//! Commands to a whole cluster, for rules that one store alone cannot show.
//!
//! ```text
//! cluster [checkpoint_every_ms=N] [quota_bytes=N] [corruption_check_every_ms=N] [defect=NAME] [jwt=TTL_S]
//!                                                   start over as three members; member 1 leads
//! at MEMBER REQUEST | at MEMBER move-leader TARGET  a call; its answer if it comes before time passes
//! pass MS [MEMBER ...]                              time passes, for all members or for some only
//! lose KIND | isolate MEMBER | heal                 which datagrams get lost from now on
//! cancel REQUEST | close MEMBER                     the client of a call that waits gives up; a session breaks
//! watch MEMBER STREAM KEY ...                       creates a watch, as `watch` of `script.rs` does
//! as USER COMMAND                                   the same with the token of a user
//! observe MEMBER STREAM NAME                        a stream that shows the leaders of an election
//! leases MEMBER                                     the leases that a member knows
//! size MEMBER                                       how much a member stores
//! join MEMBER | stop MEMBER                         a member starts with an empty disk; one loses power
//! ```
//! A call may also be `member-add ID [learner]`, `member-promote ID`, `member-remove ID`, `member-update ID NAME`
//! `member-list [linearizable]`, or one of `coordination.rs`.
//! Besides those of a store there are the requests `keep-alive ID`, `time-to-live ID [keys]` and `leases`.
//! Those of the maintenance service are in `maintenance.rs`, those of the auth service in `auth.rs`.
//! Calls that were answered since the last command are shown with it.

use revline_store::api::{
    AuthResponse, ClusterRequest, ClusterResponse, LeaseKeepAliveRequest, LeaseLeasesRequest, LeaseRequest,
    LeaseTimeToLiveRequest, MemberAddRequest, MemberInfo, MemberListRequest, MemberPromoteRequest,
    MemberRemoveRequest, MemberUpdateRequest, ResponseHeader, Token, WatchRequest,
};
use revline_store::auth::TokenKind;
use revline_store::defect::{Defect, Defects};
use revline_store::error::{Code, Error};
use revline_store::frame::{Call, Reply};
use revline_store::lease::LeaseAction;
use revline_store::machine::MemberId;
use revline_store::member::Input;
use revline_store::watch::StreamId;
use std::collections::BTreeMap;

use crate::auth;
use crate::coordination;
use crate::harness::cluster::{Cluster, Made, SESSION, isolated};
use crate::maintenance;
use crate::parse::{self, Result, Words};
use crate::show;

/// The gRPC code with which an error answers a call.
pub type ErrorCode = fn(Error) -> Code;

pub struct ClusterScript {
    cluster: Cluster,
    /// Calls that were not answered yet, with their words, and the codes of their errors.
    waiting: Vec<(Made, String, ErrorCode)>,
    tokens: BTreeMap<String, Token>,
}

impl ClusterScript {
    pub fn start(mut words: Words<'_>) -> Result<Self> {
        let checkpoint_every_ms = words.named_number("checkpoint_every_ms")? as u64;
        let quota_bytes = words.named_number("quota_bytes")? as u64;
        let corruption_check_every_ms = words.named_number("corruption_check_every_ms")? as u64;
        let defects = match words.named("defect") {
            Some(name) => name.parse::<Defect>().map_err(|error| error.to_string())?.into(),
            None => Defects::NONE,
        };
        let jwt_ttl_s = words.named_number("jwt")? as u64;
        words.end(1)?;
        let mut cluster = Cluster::new(3, |config| {
            config.defects = defects;
            if jwt_ttl_s > 0 {
                config.auth.token = TokenKind::Jwt { key: "secret".to_owned(), ttl_s: jwt_ttl_s };
            }
            config.tuning.corruption_check_every_ms = corruption_check_every_ms;
            if quota_bytes > 0 {
                config.tuning.quota_bytes = quota_bytes;
            }
            if checkpoint_every_ms > 0 {
                config.tuning.lease_checkpoint_every_ms = checkpoint_every_ms;
            }
        });
        cluster.elect(1);
        Ok(ClusterScript { cluster, waiting: Vec::new(), tokens: BTreeMap::new() })
    }

    pub fn run(&mut self, lines: &[&str]) -> Result<Vec<String>> {
        let Some(command) = lines[0].strip_prefix("as ") else { return self.run_as(None, lines) };
        let (user, command) = command.split_once(' ').ok_or("a command is missing")?;
        let token = self.tokens.get(user).cloned().ok_or_else(|| format!("{user} has no token"))?;
        let mut lines = lines.to_vec();
        lines[0] = command;
        self.run_as(Some(token), &lines)
    }

    fn run_as(&mut self, token: Option<Token>, lines: &[&str]) -> Result<Vec<String>> {
        self.cluster.token = token;
        let words = Words::of(lines[0]);
        let mut answer = Vec::new();
        match words.place(0)? {
            "at" => {
                let member = parse::number(words.place(1)?)?;
                let (_, request) = lines[0].split_once("at ").ok_or("a member is missing")?;
                let request = request.split_once(' ').map_or("", |(_, request)| request);
                let mut lines = lines.to_vec();
                lines[0] = request;
                let call = call(&lines)?;
                let error_code = call.error_code();
                let made = self.cluster.call(member, call);
                if self.cluster.reply(made).is_none() {
                    answer.push("waits".to_owned());
                    self.waiting.push((made, lines[0].to_owned(), error_code));
                } else {
                    self.keep_token(made, lines[0]);
                    answer.extend(self.shown(made, error_code));
                }
            }
            "pass" => {
                let ms: u64 = parse::number(words.place(1)?)?;
                let mut members: Vec<MemberId> =
                    words.rest(2).into_iter().map(parse::number).collect::<Result<_>>()?;
                if members.is_empty() {
                    members = self.cluster.nodes.keys().copied().collect();
                }
                assert_eq!(ms % 100, 0, "a tick is 100 ms long");
                self.cluster.ticks_of(&members, ms / 100);
            }
            "lose" => {
                let kind = words.place(1)?.to_owned();
                self.cluster.loss = Some(Box::new(move |message| message.kind() == kind));
            }
            "isolate" => self.cluster.loss = isolated(parse::number(words.place(1)?)?),
            "heal" => self.cluster.loss = None,
            "join" => self.cluster.join(parse::number(words.place(1)?)?, |_| {}),
            "stop" => self.cluster.crash(parse::number(words.place(1)?)?),
            "size" => {
                let status = self.cluster.member(parse::number(words.place(1)?)?).status();
                let (size, in_use) = (status.db_size_bytes, status.db_size_in_use_bytes);
                answer.push(format!("{size} bytes, {in_use} in use"));
            }
            "cancel" => {
                let request = lines[0].trim_start_matches("cancel ");
                let at = self.waiting.iter().rposition(|(_, words, _)| words == request);
                self.cluster.cancel(self.waiting.remove(at.ok_or("nobody waits for it")?).0);
                self.cluster.run();
            }
            "close" => {
                let member = parse::number(words.place(1)?)?;
                self.waiting.retain(|(made, ..)| made.member != member);
                self.cluster.step(member, Input::SessionClosed { session: SESSION });
                self.cluster.run();
            }
            "observe" => {
                let (member, stream) = (parse::number(words.place(1)?)?, parse::number(words.place(2)?)?);
                self.cluster.observe(member, stream, words.place(3)?);
            }
            "watch" => {
                let (member, stream) = (parse::number(words.place(1)?)?, parse::number(words.place(2)?)?);
                let rest = lines[0].trim_start_matches("watch ");
                let create = parse::watch(Words::of(rest))?;
                self.cluster.watch(member, stream, WatchRequest::Create(create));
                self.cluster.run();
            }
            "leases" => {
                let member = self.cluster.member(parse::number(words.place(1)?)?);
                answer.extend(show::leases(member.store().leases()));
            }
            other => return Err(format!("unknown command `{other}`")),
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (made, request, error_code) in waiting {
            if self.cluster.reply(made).is_none() {
                self.waiting.push((made, request, error_code));
                continue;
            }
            let lines = self.shown(made, error_code).into_iter();
            answer.push(format!("member {} answers {request}:", made.member));
            answer.extend(lines.map(|line| format!("  {line}")));
        }
        answer.extend(self.observed());
        answer.extend(self.watched());
        Ok(answer)
    }

    /// Remembers the token that `authenticate USER ...` was answered with.
    fn keep_token(&mut self, made: Made, request: &str) {
        if let Some(Ok(Reply::Auth(AuthResponse::Authenticate { token, .. }))) = self.cluster.reply(made)
            && let Some(user) = request.split_whitespace().nth(1)
        {
            self.tokens.insert(user.to_owned(), token.clone());
        }
    }

    /// The responses of watches since.
    fn watched(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, node) in &mut self.cluster.nodes {
            for mut response in node.watched.drain(..) {
                response.header = ResponseHeader::at(response.header.revision);
                let shown = show::watch_responses(&[(StreamId(*id), response)]);
                lines.extend(shown.into_iter().map(|line| line.replacen("stream", "member", 1)));
            }
        }
        lines
    }

    /// The responses of streams that observe an election since.
    fn observed(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, node) in &mut self.cluster.nodes {
            for (stream, response) in node.observed.drain(..) {
                let shown =
                    response.map_or_else(|error| show::error(&error), |leader| coordination::leads(&leader));
                lines.push(format!("member {id} shows on stream {stream}: {shown}"));
            }
        }
        lines
    }

    fn shown(&self, made: Made, error_code: ErrorCode) -> Vec<String> {
        let reply = self.cluster.reply(made).cloned().expect("it is answered");
        show_reply(reply, error_code)
    }
}

fn cluster_request(mut words: Words<'_>) -> Result<ClusterRequest> {
    let id = |words: &Words<'_>| words.place(1).and_then(parse::number::<MemberId>);
    Ok(match words.place(0)? {
        "member-add" => {
            let (is_learner, id) = (words.flag("learner"), id(&words)?);
            ClusterRequest::Add(MemberAddRequest { id, name: format!("m{id}"), is_learner })
        }
        "member-promote" => ClusterRequest::Promote(MemberPromoteRequest { id: id(&words)? }),
        "member-remove" => ClusterRequest::Remove(MemberRemoveRequest { id: id(&words)? }),
        "member-update" => {
            let name = words.place(2)?.to_owned();
            ClusterRequest::Update(MemberUpdateRequest { id: id(&words)?, name })
        }
        "member-list" => ClusterRequest::List(MemberListRequest { linearizable: words.flag("linearizable") }),
        other => return Err(format!("unknown request `{other}`")),
    })
}

fn show_members(response: &ClusterResponse) -> Vec<String> {
    let member = |member: &MemberInfo| {
        format!("{} {}{}", member.id, member.name, if member.is_learner { ", a learner" } else { "" })
    };
    let head = format!("revision {}, {} members", response.header.revision, response.members.len());
    let members = response.members.iter().map(|info| format!("  {}", member(info)));
    std::iter::once(head).chain(members).collect()
}

pub fn call(lines: &[&str]) -> Result<Call> {
    let mut words = Words::of(lines[0]);
    if let Some(request) = auth::request(&words)? {
        return Ok(Call::Auth(request));
    }
    if let Some(request) = maintenance::request(&words)? {
        return Ok(Call::Maintenance(request));
    }
    if words.place(0)?.starts_with("member-") {
        return Ok(Call::Cluster(cluster_request(words)?));
    }
    if let Some(call) = coordination::call(Words::of(lines[0]))? {
        return Ok(call);
    }
    Ok(Call::Lease(match words.place(0)? {
        "move-leader" => return Ok(Call::MoveLeader { target: parse::number(words.place(1)?)? }),
        "grant" | "revoke" => match parse::lease_action(words)? {
            LeaseAction::Grant(grant) => LeaseRequest::Grant(grant),
            LeaseAction::Revoke(revoke) => LeaseRequest::Revoke(revoke),
            LeaseAction::Checkpoint(_) => return Err("no client asks for a checkpoint".to_owned()),
        },
        "keep-alive" => {
            words.end(2)?;
            LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id: words.number(1)? })
        }
        "time-to-live" => {
            let keys = words.flag("keys");
            words.end(2)?;
            LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id: words.number(1)?, keys })
        }
        "leases" => LeaseRequest::Leases(LeaseLeasesRequest {}),
        _ => return Ok(Call::Kv(parse::request(lines)?)),
    }))
}

pub fn show_reply(reply: std::result::Result<Reply, Error>, error_code: ErrorCode) -> Vec<String> {
    let only_revision = |header: &mut ResponseHeader| *header = ResponseHeader::at(header.revision);
    match reply {
        Ok(Reply::Kv(mut response)) => {
            only_revision(response.header_mut());
            show::response(&response)
        }
        Ok(Reply::Lease(mut response)) => {
            only_revision(response.header_mut());
            vec![show::lease_response(&response)]
        }
        Ok(Reply::Lock(response)) => vec![coordination::lock_response(&response)],
        Ok(Reply::Election(response)) => vec![coordination::election_response(&response)],
        Ok(Reply::Cluster(response)) => show_members(&response),
        Ok(Reply::Maintenance(response)) => maintenance::show(&response),
        Ok(Reply::Auth(response)) => auth::show(response),
        Ok(other) => vec![format!("{other:?}")],
        Err(error) => vec![show::error_with(error_code(error), &error)],
    }
}
