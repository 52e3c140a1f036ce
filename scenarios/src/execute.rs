//! Running a plan: clients work, faults strike and heal, the cluster settles, the judge judges.

mod administrator;
mod beginnings;
mod log;
mod operator;
mod watching;

use crate::operation::Actor;
use crate::plan::{ClientPlan, PASSWORD, Plan, PlannedFault, Work};
use administrator::{administer, become_user};
pub(crate) use beginnings::Beginnings;
use operator::Operator;
use revline_checker::history::{ClientId, History};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdicts;
use revline_sim::client::{Client, ClientPlace, WatchItem, WatchOptions};
use revline_sim::marks::Marks;
use revline_sim::trace::Trace;
use revline_sim::{Counters, JoinHandle, Panicked, World, simulate_by_world_clock};
use revline_store::api::AuthRequest;
use revline_store::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;
use watching::StreamClient;

/// The pause before a watcher looks for a member that is no learner.
const REFUSED_BY_LEARNER: Duration = Duration::from_millis(50);

/// The pause of a watcher without permission to read its keys.
const REFUSED_TO_USER: Duration = Duration::from_millis(100);

/// The outcome of a plan: everything that a report is made from.
#[derive(Debug)]
pub struct Outcome {
    /// The history of the clients.
    pub history: History,
    /// The names of the clients.
    pub clients: BTreeMap<ClientId, String>,
    /// The verdicts on the history.
    pub verdicts: Verdicts,
    /// The trace of all events.
    pub trace: Trace,
    /// Counts of rare events.
    pub counters: Counters,
    /// The marks that were reached.
    pub marks: Marks,
    /// Simulated time, in nanoseconds.
    pub simulated_ns: u64,
}

/// Runs a plan and judges what the clients saw. `keep_trace`: keep every record, not their hash alone.
pub fn execute(plan: &Plan, keep_trace: bool) -> Result<Outcome, Panicked> {
    log::begins(plan);
    let outcome = execute_noting(plan, keep_trace, &Beginnings::default());
    log::ended(plan, &outcome);
    outcome
}

/// Runs a plan as [`execute`] does, and notes when operations began.
pub(crate) fn execute_noting(
    plan: &Plan,
    keep_trace: bool,
    beginnings: &Beginnings,
) -> Result<Outcome, Panicked> {
    let run = simulate_by_world_clock(&plan.simulation, keep_trace, |world| play(plan, world, beginnings))?;
    let wanted = |name: &str| plan.guarantees.is_empty() || plan.guarantees.iter().any(|own| own == name);
    let verdicts = Judge::new(&run.history).only(wanted).run();
    Ok(Outcome {
        history: run.history,
        clients: run.clients,
        verdicts,
        trace: run.trace,
        counters: run.counters,
        marks: run.marks,
        simulated_ns: run.simulated_ns,
    })
}

async fn play(plan: &Plan, world: World, beginnings: &Beginnings) {
    let workers: Vec<JoinHandle<()>> = plan
        .clients
        .iter()
        .filter_map(|client| employ(&world, client, plan.duration_ms, beginnings))
        .collect();
    let administrator = (!plan.auth.is_empty()).then(|| {
        let client = caretaker(&world, "administrator", Vec::new());
        let end = Duration::from_millis(plan.duration_ms);
        world.spawn(administer(world.clone(), client, plan.auth.clone(), end))
    });
    let operator = (!plan.operator.is_empty()).then(|| {
        let operator = Operator::new(world.clone());
        world.spawn(operator.work(plan.operator.clone()))
    });
    inject(&world, &plan.faults).await;
    world.sleep_until(Duration::from_millis(plan.duration_ms)).await;
    for worker in workers {
        worker.await.expect("a client's task runs to its end");
    }
    // Auth may be off in between: it is on again before anyone looks.
    let turns_off = plan.auth.iter().any(|planned| planned.change == AuthRequest::Disable);
    if let Some(administering) = administrator.filter(|_| turns_off) {
        administering.await.expect("the administrator's task runs to its end");
    }
    let operator = match operator {
        Some(working) => Some(working.await.expect("the operator's task runs to its end")),
        None => None,
    };
    let recovery = Duration::from_millis(plan.recovery_ms);
    let healed = world.elapsed();
    world.settle(recovery).await;
    if plan.linger {
        world.sleep_until(healed + recovery).await;
        world.settle(recovery).await;
    }
    if let Some(operator) = operator.filter(|_| !plan.restore.is_empty()) {
        operator.restore(&plan.restore).await;
    }
}

/// A client that looks after the cluster; without endpoints it uses whoever is a member.
fn caretaker(world: &World, name: &str, endpoints: Vec<u64>) -> Client {
    let (name, first) = (name.to_owned(), Some(0));
    world.client_in_place(ClientPlace { name, endpoints, first, ..ClientPlace::default() })
}

/// Sets a client to work, in a process of its own. One that watches never ends by itself.
pub(crate) fn employ(
    world: &World,
    plan: &ClientPlan,
    duration_ms: u64,
    beginnings: &Beginnings,
) -> Option<JoinHandle<()>> {
    let (user, end) = (plan.user.clone(), Duration::from_millis(duration_ms));
    let client = world.client_in_place(ClientPlace {
        name: plan.name.clone(),
        endpoints: plan.endpoints.clone(),
        first: Some(plan.first),
        namespace: plan.namespace.clone(),
    });
    match plan.work.clone() {
        Work::Operations(operations) => {
            let (times, beginnings, name) = (world.clone(), beginnings.clone(), plan.name.clone());
            Some(world.run_client(&client.clone(), async move {
                if let Some(user) = &user {
                    become_user(&times, &client, user, end).await;
                }
                let mut actor = Actor::new(times.clone(), client);
                for operation in operations {
                    times.sleep_until(Duration::from_micros(operation.at_us)).await;
                    beginnings.note(&name, times.elapsed());
                    operation.action.act(&mut actor).await;
                }
            }))
        }
        Work::WatchStream { watches, pauses_ms, reconnect_at_ms, progress_at_ms } => {
            reconnect(world, &client, reconnect_at_ms);
            let (process, times) = (client.clone(), world.clone());
            let stream = StreamClient { world: world.clone(), client, watches, pauses_ms, progress_at_ms };
            world.run_client(&process.clone(), async move {
                if let Some(user) = &user {
                    become_user(&times, &process, user, end).await;
                }
                stream.work().await;
            });
            None
        }
        Work::Observe { name, by_service: true, reconnect_at_ms } => {
            reconnect(world, &client, reconnect_at_ms);
            world.spawn(observe_by_service(client, name));
            None
        }
        Work::Observe { name, by_service: false, reconnect_at_ms } => {
            reconnect(world, &client, reconnect_at_ms);
            world.run_client(&client.clone(), async move {
                let mut observer = client.observe(name.as_str());
                while observer.next().await.is_some() {}
            });
            None
        }
        Work::Watch { key, range_end, start_revision, prev_kv, reconnect_at_ms, progress_at_ms } => {
            reconnect(world, &client, reconnect_at_ms);
            let options = WatchOptions { start_revision, prev_kv, ..WatchOptions::default() };
            let process = client.clone();
            let times = world.clone();
            world.run_client(&process, async move {
                if let Some(user) = &user {
                    become_user(&times, &client, user, end).await;
                }
                watch(times, client, user, (key, range_end), options, progress_at_ms).await;
            });
            None
        }
    }
}

/// Observes by the service, and looks for another member where one refuses.
async fn observe_by_service(client: Client, name: String) {
    let mut observer = client.observe_by_service(name.as_str());
    loop {
        if observer.next().await.is_err() {
            client.disconnect();
        }
    }
}

/// Drops a client's connection at these times, in milliseconds.
fn reconnect(world: &World, client: &Client, at_ms: Vec<u64>) {
    let (times, reconnecting) = (world.clone(), client.clone());
    world.run_client(client, async move {
        for at_ms in at_ms {
            times.sleep_until(Duration::from_millis(at_ms)).await;
            reconnecting.disconnect();
        }
    });
}

async fn watch(
    world: World,
    client: Client,
    user: Option<String>,
    (key, range_end): (String, String),
    mut options: WatchOptions,
    progress_at_ms: Vec<u64>,
) {
    let mut progress_at_ms = progress_at_ms.into_iter().peekable();
    loop {
        let mut watcher = client.watch(key.as_str(), range_end.as_str(), options.clone()).await;
        loop {
            let item = match progress_at_ms.peek() {
                None => watcher.next().await,
                Some(at_ms) => {
                    let wait = Duration::from_millis(*at_ms).saturating_sub(world.elapsed());
                    match world.timeout(wait, watcher.next()).await {
                        Ok(item) => item,
                        Err(_) => {
                            watcher.request_progress();
                            progress_at_ms.next();
                            continue;
                        }
                    }
                }
            };
            match item {
                Some(WatchItem::Events(_) | WatchItem::Progress(_)) => {}
                Some(WatchItem::Compacted(revision)) => options.start_revision = revision,
                // A learner has no watches, nor has a member that does not know yet that it is one.
                Some(WatchItem::Refused(why)) if why.parse() == Ok(Error::NotSupportedForLearner) => {
                    client.disconnect();
                    world.sleep(REFUSED_BY_LEARNER).await;
                    break;
                }
                // It may read them later, or its token is not known here.
                Some(WatchItem::Refused(why)) if user.is_some() => {
                    world.sleep(REFUSED_TO_USER).await;
                    if let Some(user) = user.as_deref().filter(|_| why.parse() != Ok(Error::PermissionDenied))
                    {
                        let _ = client.authenticate(user, PASSWORD).await;
                    }
                    break;
                }
                Some(WatchItem::Refused(_)) => return,
                None => break,
            }
        }
    }
}

enum Moment {
    Strike(usize),
    Heal(usize),
}

/// The names of faults. One that has none is named after itself, its times, and the count of those alike before it.
pub(crate) fn names(faults: &[PlannedFault]) -> Vec<String> {
    let mut alike: BTreeMap<String, u64> = BTreeMap::new();
    let mut name = |planned: &PlannedFault| {
        if !planned.name.is_empty() {
            return planned.name.clone();
        }
        let PlannedFault { at_ms, for_ms, fault, .. } = planned;
        let name = format!("{fault} at {at_ms} ms for {for_ms} ms");
        let count = alike.entry(name.clone()).or_default();
        *count += 1;
        format!("{name} #{count}")
    };
    faults.iter().map(&mut name).collect()
}

/// Lets every fault strike and heal at its time.
pub(crate) async fn inject(world: &World, faults: &[PlannedFault]) {
    let mut moments: Vec<(u64, Moment)> = Vec::new();
    for (position, fault) in faults.iter().enumerate() {
        moments.push((fault.at_ms, Moment::Strike(position)));
        moments.push((fault.at_ms + fault.for_ms, Moment::Heal(position)));
    }
    moments.sort_by_key(|(at_ms, _)| *at_ms);
    let names = names(faults);
    let mut struck = vec![None; faults.len()];
    for (at_ms, moment) in moments {
        world.sleep_until(Duration::from_millis(at_ms)).await;
        match moment {
            Moment::Strike(position) => {
                struck[position] = Some(world.strike_as(&names[position], &faults[position].fault));
            }
            Moment::Heal(position) => {
                if let Some(id) = struck[position].take() {
                    world.heal_one(id);
                }
            }
        }
    }
}
