//! One connection: what comes goes to the room, what the room says goes out.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket},
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    Visitor, protocol,
    room::{Event, Guest, Out},
};

/// Messages that wait to be sent; who takes them more slowly is cut off and may come back.
const MAX_UNSENT: usize = 512;
/// How often an idle connection shows that it lives.
const PING: Duration = Duration::from_secs(20);
/// How long one message may take to be sent.
const SEND: Duration = Duration::from_secs(10);
/// Messages and bytes a second, and how many seconds may come at once.
const RATE: [(f64, f64); 2] = [(60.0, 10.0), ((256 << 10) as f64, 4.0)];

/// Why a connection is closed, for the page: RFC 6455 leaves 4000 to 4999 to applications.
pub(super) mod code {
    /// The appliance restarts: come back.
    pub(in crate::live) const RESTART: u16 = 1012;
    /// Something failed: come back.
    pub(in crate::live) const AGAIN: u16 = 1013;
    /// The caller is not known any more, or may not see the storyboard any more.
    pub(in crate::live) const ENDED: u16 = 4401;
    /// The caller may not change it.
    pub(in crate::live) const DENIED: u16 = 4403;
    /// What was sent is not taken: throw it away and come back.
    pub(in crate::live) const REFUSED: u16 = 4409;
    /// Too much or too fast.
    pub(in crate::live) const TOO_MUCH: u16 = 4429;
}

pub(super) async fn attend(mut socket: WebSocket, visitor: Visitor) {
    let Visitor { services, request, who, key, seat } = visitor;
    let (out, mut said) = mpsc::channel(MAX_UNSENT);
    let number = crate::router::fresh() as u64;
    let guest = Guest::new(number, who, request, out, seat);
    let Some(room) = services.rooms.enter(&services, key, guest) else {
        return close(&mut socket, code::AGAIN, "too many storyboards are edited at once").await;
    };
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left = RATE.map(|(rate, burst_s)| rate * burst_s);
    let mut counted = Instant::now();
    loop {
        tokio::select! {
            said = said.recv() => match said {
                Some(Out::Message(bytes)) => if send(&mut socket, Message::Binary(bytes)).await.is_none() { break },
                Some(Out::End(code, why)) => {
                    close(&mut socket, code, &why).await;
                    break;
                }
                None => {
                    close(&mut socket, code::AGAIN, "the room has ended").await;
                    break;
                }
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Binary(bytes))) => {
                    if !within_rate(&mut left, &mut counted, bytes.len()) {
                        close(&mut socket, code::TOO_MUCH, "too many messages").await;
                        break;
                    }
                    let Some(message) = protocol::read(&bytes) else {
                        close(&mut socket, code::REFUSED, "a message cannot be read").await;
                        break;
                    };
                    if room.send(Event::Said(number, message)).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    close(&mut socket, code::REFUSED, "messages are binary").await;
                    break;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
            _ = ping.tick() => if send(&mut socket, Message::Ping(Bytes::new())).await.is_none() { break },
        }
    }
    let _ = room.send(Event::Left(number)).await;
}

fn within_rate(left: &mut [f64; 2], counted: &mut Instant, bytes: usize) -> bool {
    let passed = counted.elapsed().as_secs_f64();
    *counted = Instant::now();
    let costs = [1.0, bytes as f64];
    for ((left, (rate, burst_s)), cost) in left.iter_mut().zip(RATE).zip(costs) {
        *left = (*left + passed * rate).min(rate * burst_s) - cost;
    }
    left.iter().all(|left| *left >= 0.0)
}

async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    timeout(SEND, socket.send(message)).await.ok()?.ok()
}

async fn close(socket: &mut WebSocket, code: u16, why: &str) {
    // A reason has at most 123 bytes.
    let reason: String = why
        .chars()
        .scan(0, |bytes, c| {
            *bytes += c.len_utf8();
            (*bytes <= 123).then_some(c)
        })
        .collect();
    let _ = send(socket, Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    // The other side answers, so that it has read why before the line is cut.
    let answer = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = timeout(Duration::from_secs(2), answer).await;
}
