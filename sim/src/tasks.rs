//! The tasks of the world: the programs that people write, and all that these spawn. They run one after the other, in the
//! order in which they were woken.
//!
//! madsim's executor takes the next task at random, and lets time pass with each: one task more would change
//! all others. Here a task that does nothing leaves the others as they are. Only the
//! [driver](crate::drive) is a task of madsim's, and tasks that a program spawns there itself.

use crate::trace::NodeName;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Wake, Waker};

/// Names a task.
pub(crate) type TaskId = u64;

/// The program of the world.
pub(crate) const PROGRAM: TaskId = 0;

pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    owner: NodeName,
    /// `None` while it runs.
    future: Option<Running>,
    waker: Waker,
}

/// The tasks there are.
pub(crate) struct Tasks {
    tasks: BTreeMap<TaskId, Task>,
    next: TaskId,
    ready: Arc<Ready>,
    /// The owners that stand still, with their tasks that were woken meanwhile.
    held: BTreeMap<NodeName, BTreeSet<TaskId>>,
    /// The owner of the task that runs.
    running: Option<NodeName>,
    /// Tasks that were ended. They are dropped once nothing is locked.
    ended: Vec<Running>,
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

impl Tasks {
    pub fn new(ready: Arc<Ready>) -> Tasks {
        Tasks {
            tasks: BTreeMap::new(),
            next: PROGRAM + 1,
            ready,
            held: BTreeMap::new(),
            running: None,
            ended: Vec::new(),
        }
    }

    pub fn spawn(&mut self, owner: NodeName, future: Running) {
        let id = self.next;
        self.next += 1;
        let waker = self.ready.waker(id);
        waker.wake_by_ref();
        self.tasks.insert(id, Task { owner, future: Some(future), waker });
    }

    /// The owner of the task that runs; the world itself if it is the program, or a task of another executor.
    pub fn current(&self) -> NodeName {
        self.running.unwrap_or(NodeName::WORLD)
    }

    /// Takes a task to run it, unless it stands still or is over.
    pub fn begin(&mut self, id: TaskId) -> Option<(Running, Waker)> {
        let task = self.tasks.get_mut(&id)?;
        if let Some(held) = self.held.get_mut(&task.owner) {
            held.insert(id);
            return None;
        }
        self.running = Some(task.owner);
        Some((task.future.take()?, task.waker.clone()))
    }

    /// Puts a task back that ran.
    pub fn pause_after(&mut self, id: TaskId, future: Running) {
        self.running = None;
        match self.tasks.get_mut(&id) {
            Some(task) => task.future = Some(future),
            None => self.ended.push(future),
        }
    }

    /// A task that ran is over.
    pub fn finish(&mut self, id: TaskId, future: Running) {
        self.running = None;
        self.tasks.remove(&id);
        self.ended.push(future);
    }

    /// Lets the tasks of a process stand still.
    pub fn pause(&mut self, owner: NodeName) {
        self.held.entry(owner).or_default();
    }

    /// Lets them go on.
    pub fn resume(&mut self, owner: NodeName) {
        for id in self.held.remove(&owner).unwrap_or_default() {
            if let Some(task) = self.tasks.get(&id) {
                task.waker.wake_by_ref();
            }
        }
    }

    /// Ends all of them.
    pub fn clear(&mut self) {
        let all = std::mem::take(&mut self.tasks);
        self.ended.extend(all.into_values().filter_map(|task| task.future));
    }

    /// Takes the tasks that have to be dropped.
    pub fn take_ended(&mut self) -> Vec<Running> {
        std::mem::take(&mut self.ended)
    }
}

/// The tasks that were woken, in that order.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    queue: Mutex<Queue>,
    /// The driver waits, and no task of its own runs.
    waits: AtomicBool,
}

#[derive(Debug, Default)]
struct Queue {
    ids: VecDeque<TaskId>,
    waiting: BTreeSet<TaskId>,
    /// Woken when there is something to do while the driver does not run.
    driver: Option<Waker>,
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("the world runs on one thread")
    }

    pub fn waker(self: &Arc<Ready>, id: TaskId) -> Waker {
        Waker::from(Arc::new(TaskWaker { id, ready: self.clone() }))
    }

    pub fn pop(&self) -> Option<TaskId> {
        let mut queue = self.queue();
        let id = queue.ids.pop_front()?;
        queue.waiting.remove(&id);
        Some(id)
    }

    /// True if any task waits to be run.
    pub fn is_any(&self) -> bool {
        !self.queue().ids.is_empty()
    }

    /// The driver begins to wait, or goes on.
    pub fn set_driver(&self, waits: Option<Waker>) {
        self.waits.store(waits.is_some(), Ordering::Relaxed);
        self.queue().driver = waits;
    }

    /// Wakes the driver, if it waits.
    pub fn wake_driver(&self) {
        if self.driver_waits()
            && let Some(driver) = self.queue().driver.take()
        {
            driver.wake();
        }
    }

    /// True if the driver waits.
    pub fn driver_waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }
}

struct TaskWaker {
    id: TaskId,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut queue = self.ready.queue();
        if queue.waiting.insert(self.id) {
            queue.ids.push_back(self.id);
        }
        if let Some(driver) = queue.driver.take() {
            driver.wake();
        }
    }
}
