//! A session's WebSocket, which holds little memory while nothing is said, and none of what was.
//!
//! The library keeps its buffers as large as the largest frame that went through them. A joining
//! browser sends 60 kB and is answered 40 kB, and then says little for hours. So what it is told
//! goes out in pieces, and what it said is let go: the library is given no more bytes at a time
//! than a header has, so that its buffer ends where a frame ends, and [`Incoming`] holds that
//! frame until the library has taken another buffer. Then the frame is nobody else's, and is
//! overwritten: no message lies in a session's memory once the next one is waited for.

use axum::body::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::swept::Swept;

/// Bytes read from a socket at a time; every open socket has a buffer of this size, also one
/// that says nothing.
const READ_BUFFER: usize = 2 * 1024;

/// Bytes of the largest frame that is sent; a longer message takes several (RFC 6455,
/// section 5.4). It bounds what a socket holds for writing.
const PIECE: usize = 4 * 1024;

/// Both directions of a socket whose handshake is done. `most` bounds a message, in bytes.
pub(crate) async fn open(upgraded: Upgraded, most: usize) -> (Outgoing, Incoming) {
    let config = WebSocketConfig::default()
        // The longest header, at least.
        .read_buffer_size(0)
        .write_buffer_size(PIECE)
        .max_message_size(Some(most))
        .max_frame_size(Some(most));
    let io = Swept::with_capacity(READ_BUFFER, TokioIo::new(upgraded));
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
    let (sink, stream) = socket.split();
    (Outgoing { sink }, Incoming { stream, held: Vec::new() })
}

type Socket = WebSocketStream<Swept<TokioIo<Upgraded>>>;

/// What is sent.
pub(crate) struct Outgoing {
    sink: SplitSink<Socket, Message>,
}

impl Outgoing {
    /// Sends a message, waiting until the system has taken it.
    pub(crate) async fn text(&mut self, text: Utf8Bytes) -> Result<(), Error> {
        let mut rest = Bytes::from(text);
        let mut kind = Data::Text;
        loop {
            let piece = rest.split_to(rest.len().min(PIECE));
            let last = rest.is_empty();
            let frame = Frame::message(piece, OpCode::Data(kind), last);
            self.sink.feed(Message::Frame(frame)).await?;
            if last {
                return self.sink.flush().await;
            }
            kind = Data::Continue;
        }
    }

    /// Asks whether the other side is still there.
    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        self.sink.send(Message::Ping(Bytes::new())).await
    }

    /// Says that nothing more comes.
    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        self.sink.close().await
    }
}

/// What is received.
pub(crate) struct Incoming {
    stream: SplitStream<Socket>,
    /// Messages held until the next one is waited for: while one is held the library cannot
    /// use its buffer again and takes a small one instead. Few: a frame that is read without
    /// another buffer is at most as long as a header.
    held: Vec<Bytes>,
}

impl Incoming {
    /// The next message; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Message, Error>> {
        if !self.held.is_empty() {
            // One look, in which the library takes its buffer, and the one before is let go.
            let looked = self.stream.next().now_or_never();
            self.sweep();
            if let Some(found) = looked {
                return self.note(found);
            }
        }
        let found = self.stream.next().await;
        self.note(found)
    }

    /// Overwrites and frees what nobody else holds any more.
    fn sweep(&mut self) {
        let held = std::mem::take(&mut self.held).into_iter();
        let still = held.filter_map(|message| match message.try_into_mut() {
            Ok(mut message) => {
                message.fill(0);
                None
            }
            Err(shared) => Some(shared),
        });
        self.held = still.collect();
    }

    fn note(&mut self, found: Option<Result<Message, Error>>) -> Option<Result<Message, Error>> {
        if let Some(Ok(Message::Text(text))) = &found {
            self.held.push(Bytes::from(text.clone()));
        }
        found
    }
}
