//! The events of a sandbox and their subscribers.

use super::delivery::{Mailbox, deliver};
use super::{Dialect, Event, Subscription};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The events of one sandbox. Dropping the value ends all deliveries.
#[derive(Debug)]
pub struct Telemetry {
    state: Mutex<State>,
    /// True while the sandbox is not frozen.
    gate: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    /// Every event until the end of the initialisation, for later subscribers.
    backlog: Vec<Event>,
    is_open: bool,
    subscribers: Vec<Subscriber>,
    deliveries: JoinSet<()>,
}

#[derive(Debug)]
struct Subscriber {
    name: String,
    subscription: Subscription,
    mailbox: Arc<Mailbox>,
}

/// Reasons to refuse a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The initialisation is over.
    Closed,
    /// The extension has subscribed by the other API.
    OtherApi,
}

impl Default for Telemetry {
    fn default() -> Self {
        let state =
            State { backlog: Vec::new(), is_open: true, subscribers: Vec::new(), deliveries: JoinSet::new() };
        Self { state: Mutex::new(state), gate: watch::channel(true).0 }
    }
}

impl Telemetry {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes an extension, which gets the events before its subscription too. A repeated
    /// subscription changes nothing. Call it within the runtime.
    ///
    /// # Errors
    ///
    /// After the initialisation, and for a second subscription by the other API.
    pub fn subscribe(&self, name: &str, subscription: Subscription) -> Result<(), Refused> {
        let mut state = self.state();
        if !state.is_open {
            return Err(Refused::Closed);
        }
        let is_logs = |dialect: Dialect| matches!(dialect, Dialect::Logs { .. });
        if let Some(earlier) = state.subscribers.iter().find(|subscriber| subscriber.name == name) {
            let is_same = is_logs(earlier.subscription.dialect) == is_logs(subscription.dialect);
            return if is_same { Ok(()) } else { Err(Refused::OtherApi) };
        }
        let mailbox = Arc::new(Mailbox::new(subscription.buffering, subscription.dialect));
        let now = Instant::now();
        let wanted = state.backlog.iter().filter(|event| subscription.wants(event.category()));
        wanted.for_each(|event| mailbox.push(event, now));
        let destination = subscription.destination.clone();
        state.deliveries.spawn(deliver(destination, Arc::clone(&mailbox), self.gate.subscribe()));
        let event = Event::subscription(name, subscription.dialect, &subscription.types);
        state.subscribers.push(Subscriber { name: name.to_owned(), subscription, mailbox });
        state.add(&event);
        Ok(())
    }

    /// Passes an event to all subscribers that want it.
    pub fn emit(&self, event: &Event) {
        self.state().add(event);
    }

    /// True when somebody may get an event.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let state = self.state();
        state.is_open || !state.subscribers.is_empty()
    }

    /// True when an extension has subscribed.
    #[must_use]
    pub fn has_subscribers(&self) -> bool {
        !self.state().subscribers.is_empty()
    }

    /// True until the end of the initialisation.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state().is_open
    }

    /// Refuses further subscriptions, at the end of the initialisation.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_open = false;
        state.backlog = Vec::new();
    }

    /// Holds deliveries back while the sandbox is frozen.
    pub fn freeze(&self) {
        self.gate.send_replace(false);
    }

    /// Lets deliveries pass.
    pub fn thaw(&self) {
        self.gate.send_replace(true);
    }

    /// Sends everything, now and from now on without waiting for full batches.
    pub async fn flush(&self) {
        let mailboxes: Vec<Arc<Mailbox>> =
            self.state().subscribers.iter().map(|subscriber| Arc::clone(&subscriber.mailbox)).collect();
        mailboxes.iter().for_each(|mailbox| mailbox.flush());
        for mailbox in mailboxes {
            mailbox.drained().await;
        }
    }
}

impl State {
    fn add(&mut self, event: &Event) {
        let now = Instant::now();
        for subscriber in &self.subscribers {
            if subscriber.subscription.wants(event.category()) {
                subscriber.mailbox.push(event, now);
            }
        }
        if self.is_open {
            self.backlog.push(event.clone());
        }
    }
}
