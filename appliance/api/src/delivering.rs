//! Sending messages to webhooks: one job a message, tried again with growing pauses until it is taken.

use jobs::{Failure, Publish, Reason, Work};
use library::webhook::Webhook;
use metering::{Event, Meter};
use outbound::{Method, PostError, Target};
use store::Read as _;

use crate::{reporting::unreadable, services::Services};

impl Services {
    /// Does the job of a message: sends it once, signed as Standard Webhooks 1.0 has it. Its id is that of the job, the same at every try.
    ///
    /// # Errors
    /// When the webhook is gone or off, or the message was not taken.
    pub fn deliver_of(&self, work: &Work) -> Result<Publish, Failure> {
        let gone = || Failure::new(Reason::Missing, "the webhook is gone");
        let id = work.job.about.and_then(|about| about.typed()).ok_or_else(gone)?;
        let view = self.gate.file(work.tenant).map_err(unreadable)?.read();
        let found = view.and_then(|view| view.get::<Webhook>(&id)).map_err(unreadable)?;
        let webhook = found.ok_or_else(gone)?;
        if !webhook.enabled {
            return Err(Failure::new(Reason::NotAllowed, "the webhook is off"));
        }
        let client = self.outbound.as_ref().ok_or_else(|| {
            Failure::new(
                Reason::Unavailable,
                "the appliance trusts no authorities, so it calls nobody; ask its operator",
            )
        })?;
        let target: Target = webhook
            .url
            .parse()
            .map_err(|error: outbound::TargetError| Failure::new(Reason::BadInput, error.to_string()))?;
        let job = work.job.header.id;
        let (message, body) = (job.to_string(), work.job.payload.0.as_slice());
        let (timestamp, signature) = webhook.signature(&message, self.store.clock().now(), body);
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", message.as_str()),
            ("webhook-timestamp", timestamp.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        match client.send(Method::Post, target, &headers, body) {
            Ok(200..=299) => Ok(Box::new(move |tx| {
                let mut taken = Event::own(Meter::Deliveries, &message, 1, tx.now());
                (taken.job, taken.resource) = (Some(job.erase()), id.to_string());
                metering::record(tx, vec![taken])?;
                Ok(None)
            })),
            // By Standard Webhooks: the receiver wants no more of it.
            Ok(410) => Err(Failure::new(Reason::NotAllowed, "the receiver answered 410: it is gone for good")),
            Ok(status) => Err(Failure::new(Reason::Unavailable, format!("the receiver answered {status}"))),
            Err(error @ (PostError::Unreachable(_) | PostError::Certificate | PostError::Answer)) => {
                Err(Failure::new(Reason::Unavailable, error.to_string()))
            }
        }
    }
}
