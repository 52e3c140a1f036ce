//! The stage of a body: a world with a leader, a client, and the trouble that comes in its middle.

use etcd_client::{Client, ConnectOptions, Error};
use revline::TestError;
use revline::prelude::*;
use revline::store::error::{Code as EtcdCode, Error as EtcdError};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use tonic::Code;

/// Trouble in the middle of a body.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// None.
    Undisturbed,
    /// The leader loses power.
    LeaderCrashes,
    /// The leader is cut off from the other members; clients still reach it.
    LeaderCutOff,
    /// The leader is cut off from the other members and from the clients.
    LeaderUnreachable,
}

impl Trouble {
    /// Each of them.
    pub const EACH: [Trouble; 4] =
        [Trouble::Undisturbed, Trouble::LeaderCrashes, Trouble::LeaderCutOff, Trouble::LeaderUnreachable];
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Undisturbed => "undisturbed",
            Trouble::LeaderCrashes => "leader-crashes",
            Trouble::LeaderCutOff => "leader-cut-off",
            Trouble::LeaderUnreachable => "leader-unreachable",
        })
    }
}

/// A world with a leader, a client of all its endpoints, and the trouble to come.
pub struct Stage {
    pub world: World,
    pub etcd: Client,
    trouble: Trouble,
}

/// The answer to a call that may have been made several times.
#[derive(Debug)]
pub struct Answer<T> {
    value: T,
    /// No attempt before the answered one can have taken effect.
    pub is_first: bool,
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Answer<T> {
    /// The answer itself.
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// Runs a body in each trouble, under a few seeds each.
pub fn in_each_trouble<P, F>(name: &str, body: P)
where
    P: Fn(Stage) -> F + Sync,
    F: Future<Output = Result<(), TestError>>,
{
    for trouble in Trouble::EACH {
        let body = &body;
        revline::test(&format!("{name}-{trouble}"))
            .members(3)
            .seeds(0..3)
            .run(|world| async move { body(Stage::set(world, trouble).await?).await });
    }
}

impl Stage {
    /// A stage in this world, once it has a leader.
    pub async fn set(world: World, trouble: Trouble) -> Result<Stage, TestError> {
        world.leader().await?;
        let etcd = world.etcd().await?;
        Ok(Stage { world, etcd, trouble })
    }

    /// The same stage with another client.
    pub fn with_client(self, etcd: Client) -> Stage {
        Stage { etcd, ..self }
    }

    /// Runs a part of the body as a process of its own, with a client of its own, and returns its value once it is through.
    pub fn process<T, P, F>(
        &self,
        name: &str,
        part: P,
    ) -> impl Future<Output = Result<T, TestError>> + use<T, P, F>
    where
        T: Send + 'static,
        P: Fn(Stage) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, TestError>> + 'static,
    {
        let (value, trouble, part) = (Arc::new(Mutex::new(None)), self.trouble, Arc::new(part));
        let result = value.clone();
        let process = self.world.process(name, move |cx| {
            let (result, part) = (result.clone(), part.clone());
            async move {
                let stage = Stage { world: cx.world().clone(), etcd: cx.etcd().await?, trouble };
                let value = part(stage).await?;
                *result.lock().expect("nothing panicked") = Some(value);
                Ok::<(), TestError>(())
            }
        });
        async move {
            process.returned().await?;
            Ok(value.lock().expect("nothing panicked").take().expect("it returned one"))
        }
    }

    /// A stage of the same world, with a client of one endpoint.
    pub async fn at(&self, endpoint: &str) -> Result<Stage, Error> {
        self.connect(&[endpoint], None).await
    }

    /// A stage of the same world, with a client that is a user, or has other options.
    pub async fn as_user(&self, options: ConnectOptions) -> Result<Stage, Error> {
        self.connect(&self.world.endpoints(), Some(options)).await
    }

    /// A stage of the same world, with a client of these endpoints.
    pub async fn connect<E: AsRef<str>>(
        &self,
        endpoints: &[E],
        options: Option<ConnectOptions>,
    ) -> Result<Stage, Error> {
        let connect = async |_: &mut Client| {
            let channel = self.world.etcd_channel();
            Client::connect_with_balanced_channel(endpoints, options.clone(), channel).await
        };
        let etcd = self.call(connect).await?.into_inner();
        Ok(Stage { world: self.world.clone(), etcd, trouble: self.trouble })
    }

    /// True if nothing can go wrong.
    pub fn is_calm(&self) -> bool {
        matches!(self.trouble, Trouble::Undisturbed)
    }

    /// Lets the trouble begin: within the next moments, while the body goes on, and for a few seconds.
    pub async fn trouble(&self) -> Result<(), TestError> {
        let leader = self.world.leader().await?;
        let fault = match self.trouble {
            Trouble::Undisturbed => return Ok(()),
            Trouble::LeaderCrashes => Crash::member(leader),
            Trouble::LeaderCutOff => Partition::isolate(leader),
            Trouble::LeaderUnreachable => Partition::isolate_with_clients(leader),
        };
        let world = self.world.clone();
        let begins = Duration::from_micros(world.generator("trouble").gen_range(0..10_000));
        self.world.spawn(async move {
            world.sleep(begins).await;
            let struck = world.fault(fault).await;
            world.sleep(Duration::from_secs(4)).await;
            world.heal_one(struck);
        });
        Ok(())
    }

    /// Makes a call until it is answered.
    pub async fn call<T>(
        &self,
        mut call: impl AsyncFnMut(&mut Client) -> Result<T, Error>,
    ) -> Result<Answer<T>, Error> {
        let mut is_first = true;
        loop {
            let error = match call(&mut self.etcd.clone()).await {
                Ok(value) => return Ok(Answer { value, is_first }),
                Err(error) => error,
            };
            match fate(&error) {
                // Nothing else goes wrong in calm water: there it is an answer too.
                _ if self.is_calm() => return Err(error),
                Fate::Answered => return Err(error),
                Fate::NotSent => {}
                Fate::Unknown => is_first = false,
            }
            self.world.sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The fate of a call that failed.
pub enum Fate {
    /// The server answered with an error.
    Answered,
    /// It took no effect.
    NotSent,
    /// It may have taken effect, or may still take it.
    Unknown,
}

/// Says what became of a call by its error: etcd's own, or that of the connection.
pub fn fate(error: &Error) -> Fate {
    let Error::GRpcStatus(status) = error else {
        return Fate::Answered;
    };
    match (status.message().parse::<EtcdError>(), status.code()) {
        // By its text: the lock and the election service give all errors the same code.
        (Ok(error), _) if error.code() == EtcdCode::Unavailable => Fate::Unknown,
        (Ok(_), _) => Fate::Answered,
        (Err(_), Code::Unavailable) => Fate::NotSent,
        (Err(_), Code::Unknown | Code::Cancelled | Code::DeadlineExceeded) => Fate::Unknown,
        (Err(_), _) => Fate::Answered,
    }
}

/// The text of etcd's answer to a call that it refuses.
pub fn refusal<T: fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::GRpcStatus(status)) => status.message().to_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn each_trouble_is_felt() {
    for trouble in Trouble::EACH {
        let name = format!("felt-{trouble}");
        let passed = revline::test(&name).members(3).seeds(0..3).run(|world| async move {
            let stage = Stage::set(world, trouble).await?;
            stage.trouble().await?;
            let mut again = false;
            for _ in 0..100 {
                again |= !stage.call(async |etcd| etcd.put("k", "1", None).await).await?.is_first;
            }
            assert!(!again || !stage.is_calm());
            if !stage.is_calm() {
                sometimes!(stage.world, again, "a call is made again that may have taken effect");
            }
            Ok(())
        });
        assert_eq!(passed.marks.len(), usize::from(!matches!(trouble, Trouble::Undisturbed)));
    }
}
