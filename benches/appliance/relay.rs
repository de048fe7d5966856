//! The least that a server of people editing together can do: what one says is told to the others, and nothing else.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    Router,
    body::Bytes,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    routing::any,
};
use tokio::sync::broadcast;

/// Who says something, by the number of the connection, and what.
type Said = (u64, Bytes);

static CAME: AtomicU64 = AtomicU64::new(0);

/// One room for all who come.
pub(crate) fn router() -> Router {
    let (room, _) = broadcast::channel::<Said>(1 << 14);
    Router::new()
        .route(
            "/relay",
            any(async |State(room): State<broadcast::Sender<Said>>, upgrade: WebSocketUpgrade| {
                upgrade.on_upgrade(|socket| attend(socket, room))
            }),
        )
        .with_state(room)
}

async fn attend(mut socket: WebSocket, room: broadcast::Sender<Said>) {
    let mut others = room.subscribe();
    let number = CAME.fetch_add(1, Ordering::Relaxed);
    loop {
        tokio::select! {
            said = others.recv() => match said {
                Ok((from, _)) if from == number => {}
                Ok((_, bytes)) => if socket.send(Message::Binary(bytes)).await.is_err() { return },
                Err(_) => return,
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Binary(bytes))) => drop(room.send((number, bytes))),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}
