//! Steps that an operator takes by mistake.

use super::Operator;
use crate::plan::Step;
use revline_sim::client::CallError;
use revline_store::error::Error;

impl Operator {
    /// Takes a step by mistake, once. A change of unknown outcome may still happen.
    pub(super) async fn err(&mut self, step: &Step) {
        match *step {
            Step::AddAgain { member } => {
                let _ = self.client.member_add_as_learner(member, "again").await;
            }
            Step::PromoteNow { member } => {
                if let Err(error) = self.client.member_promote(member).await {
                    self.again(&error, Step::Promote { member });
                }
            }
            Step::RemoveAnyway { member } => _ = self.remove_now(member).await,
            Step::AddSecondLearner { member } => {
                match self.client.member_add_as_learner(member, "second").await {
                    Ok(_) => self.world.start_added(member),
                    Err(CallError::Failed(Error::TooManyLearners)) => {}
                    Err(error) => _ = self.again(&error, Step::AddLearner { member }),
                }
            }
            Step::RemoveOnly => {
                if let Ok(voters) = self.voters().await
                    && let [only] = voters[..]
                {
                    let _ = self.client.member_remove(only).await;
                }
            }
            Step::Lead { member } => {
                // Whoever leads by then: another refuses.
                for leader in self.world.members() {
                    let _ = self.only_at(leader).move_leader(member).await;
                }
            }
            Step::LeadBoth { one, other } => {
                for leader in self.world.members() {
                    let client = self.only_at(leader);
                    let second = client.clone();
                    let first = self.world.spawn(async move { client.move_leader(one).await });
                    let _ = second.move_leader(other).await;
                    let _ = first.await.expect("it ends by itself");
                }
            }
            Step::AddAndRemove { add, remove } => {
                let other = self.only_at(remove);
                let client = self.client.clone();
                let adding =
                    self.world.spawn(async move { client.member_add_as_learner(add, "learner").await });
                let removed = other.member_remove(remove).await;
                let added = adding.await.expect("it ends by itself");
                match added {
                    Ok(_) => self.world.start_added(add),
                    Err(error) => _ = self.again(&error, Step::AddLearner { member: add }),
                }
                self.unresolved.extend(self.asked.take());
                match removed {
                    Ok(_) => self.world.forget_member(remove),
                    Err(error) => _ = self.again(&error, Step::Remove { member: remove, if_voter: None }),
                }
            }
            _ => {}
        }
        self.unresolved.extend(self.asked.take());
    }
}
