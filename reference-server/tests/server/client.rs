//! A client that speaks the protocol by hand.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use conf_core::id::{MeetingId, ParticipantId};
use conf_proto::view::RoomView;
use conf_proto::{
    ByeReason, ClientBody, ClientMessage, EventFrame, Offer, PROTOCOL, Problem, Resume, RoomEvent,
    ServerMessage,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// No answer of this server takes longer, whatever else the machine does.
const WITHIN: Duration = Duration::from_secs(20);

/// An open socket, greeted or not.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    next: u32,
    /// Heard while waiting for something else.
    heard: VecDeque<ServerMessage>,
}

/// A client that is in a meeting.
pub struct Joined {
    pub client: Client,
    pub me: ParticipantId,
    pub meeting: MeetingId,
    pub seq: u64,
    pub room: Option<RoomView>,
    pub events: Vec<EventFrame>,
    pub media: bool,
}

impl Client {
    pub async fn connect(server: SocketAddr) -> Self {
        Self::over(TcpStream::connect(server).await.expect("a connection"), server).await
    }

    /// A client whose kernel takes next to nothing it does not read.
    pub async fn connect_narrow(server: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        Self::over(socket.connect(server).await.expect("a connection"), server).await
    }

    async fn over(stream: TcpStream, server: SocketAddr) -> Self {
        let url = format!("ws://{server}/api/v1/signal");
        let (socket, _) = client_async(url, stream).await.expect("a WebSocket");
        Self { socket, next: 0, heard: VecDeque::new() }
    }

    pub async fn hello(self, token: &str) -> Joined {
        self.hello_with(token, None, None).await
    }

    pub async fn hello_with(
        mut self,
        token: &str,
        resume: Option<Resume>,
        offer: Option<Offer>,
    ) -> Joined {
        let token = token.to_owned();
        let hello = ClientBody::Hello { protocol: PROTOCOL, token, resume, offer };
        match self.ask(hello).await {
            ServerMessage::Welcome { participant, meeting, seq, room, events, media, .. } => {
                Joined {
                    client: self,
                    me: participant,
                    meeting,
                    seq,
                    room: room.map(|view| *view),
                    events,
                    media,
                }
            }
            other => panic!("expected a welcome, found {other:?}"),
        }
    }

    /// Sends a request without waiting.
    pub async fn send(&mut self, body: ClientBody) -> u32 {
        self.next += 1;
        let message = ClientMessage { id: self.next, body };
        let text = serde_json::to_string(&message).expect("JSON");
        self.send_text(text).await;
        self.next
    }

    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.expect("an open socket");
    }

    pub async fn send_binary(&mut self) {
        self.socket.send(Message::binary(vec![1, 2, 3])).await.expect("an open socket");
    }

    /// Sends a request and waits for its answer.
    pub async fn ask(&mut self, body: ClientBody) -> ServerMessage {
        let id = self.send(body).await;
        self.until(|message| answers(message) == Some(id)).await
    }

    /// Asks for something that must be done.
    pub async fn must(&mut self, body: ClientBody) {
        let kind = body.kind();
        match self.ask(body).await {
            ServerMessage::Done { .. } => {}
            other => panic!("expected {kind} to be done, found {other:?}"),
        }
    }

    /// Asks for something that must be refused.
    pub async fn must_not(&mut self, body: ClientBody) -> Problem {
        let kind = body.kind();
        match self.ask(body).await {
            ServerMessage::Refused { problem, .. } => problem,
            other => panic!("expected {kind} to be refused, found {other:?}"),
        }
    }

    /// The first message, heard before or from now on, that `fits`.
    pub async fn until(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        if let Some(at) = self.heard.iter().position(&fits) {
            return self.heard.remove(at).expect("it is there");
        }
        loop {
            let message = self.hear().await.expect("the socket closed before it was said");
            if fits(&message) {
                return message;
            }
            self.heard.push_back(message);
        }
    }

    /// Whether something that `fits` was heard and not asked for.
    pub fn has_heard(&self, fits: impl Fn(&ServerMessage) -> bool) -> bool {
        self.heard.iter().any(fits)
    }

    /// Lets go of what was heard and not asked for.
    pub fn forget_heard(&mut self) {
        self.heard.clear();
    }

    /// The socket itself, for what no client of good will would send.
    pub fn into_stream(self) -> TcpStream {
        self.socket.into_inner()
    }

    /// The first event that `fits`.
    pub async fn event(&mut self, fits: impl Fn(&RoomEvent) -> bool) -> EventFrame {
        let found = self
            .until(|message| matches!(message, ServerMessage::Event(frame) if fits(&frame.event)));
        match found.await {
            ServerMessage::Event(frame) => frame,
            other => unreachable!("only events fit: {other:?}"),
        }
    }

    /// Why the server says goodbye; `None` when it only closes the socket.
    pub async fn bye(&mut self) -> Option<ByeReason> {
        loop {
            match self.hear().await {
                Some(ServerMessage::Bye { reason }) => return Some(reason),
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// The next message; `None` when the socket is closed.
    pub async fn hear(&mut self) -> Option<ServerMessage> {
        loop {
            let frame = timeout(WITHIN, self.socket.next()).await.expect("something within 20 s");
            match frame {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).expect("a message of the protocol"));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}

impl Joined {
    pub fn view(&self) -> &RoomView {
        self.room.as_ref().expect("the meeting in full")
    }
}

fn answers(message: &ServerMessage) -> Option<u32> {
    match message {
        ServerMessage::Welcome { re, .. }
        | ServerMessage::Waiting { re, .. }
        | ServerMessage::Done { re }
        | ServerMessage::Refused { re, .. }
        | ServerMessage::BreakoutPass { re, .. }
        | ServerMessage::Upload { re, .. }
        | ServerMessage::FileToken { re, .. }
        | ServerMessage::Ballot { re, .. }
        | ServerMessage::Answer { re, .. } => Some(*re),
        _ => None,
    }
}
