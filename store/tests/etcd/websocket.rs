//! A blocking WebSocket client (RFC 6455): etcd's gateway makes a stream in both directions of one.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct WebSocket {
    stream: TcpStream,
    /// Bytes that were received and are not taken yet.
    received: Vec<u8>,
}

const TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;

impl WebSocket {
    pub fn open(host: &str, path: &str) -> std::io::Result<WebSocket> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut socket = WebSocket { stream, received: Vec::new() };
        let head = loop {
            if let Some(at) = socket.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            socket.receive()?;
        };
        socket.received.drain(..head);
        Ok(socket)
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let mut frame = vec![TEXT];
        match u8::try_from(text.len()).ok().filter(|length| *length < 126) {
            Some(length) => frame.push(MASKED | length),
            None => {
                frame.push(MASKED | 126);
                frame.extend((text.len() as u16).to_be_bytes());
            }
        }
        // A mask of zeros leaves the text as it is.
        frame.extend([0; 4]);
        frame.extend(text.bytes());
        self.stream.write_all(&frame).expect("etcd takes frames");
    }

    /// The next message, if it comes within this time.
    pub fn next(&mut self, patience: Duration) -> Option<Value> {
        self.stream.set_read_timeout(Some(patience)).expect("a time that is not zero");
        loop {
            if let Some(message) = self.take_frame() {
                return Some(message);
            }
            self.receive().ok()?;
        }
    }

    fn receive(&mut self) -> std::io::Result<()> {
        let mut bytes = [0; 1 << 16];
        let length = self.stream.read(&mut bytes)?;
        assert!(length > 0, "etcd closed the stream");
        self.received.extend(&bytes[..length]);
        Ok(())
    }

    fn take_frame(&mut self) -> Option<Value> {
        let short = usize::from(*self.received.get(1)?);
        let (length, head) = match short {
            126 => (self.number(2)?, 4),
            127 => (self.number(8)?, 10),
            length => (length, 2),
        };
        if self.received.len() < head + length {
            return None;
        }
        let frame: Vec<u8> = self.received.drain(..head + length).collect();
        Some(serde_json::from_slice(&frame[head..]).expect("a frame of text is a document"))
    }

    fn number(&self, bytes: usize) -> Option<usize> {
        let bytes = self.received.get(2..2 + bytes)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }
}
