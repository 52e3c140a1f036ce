//! A blocking HTTP/1.1 client that keeps its connection: JSON in, JSON out.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub struct Http {
    host: String,
    reader: BufReader<TcpStream>,
}

impl Http {
    pub fn connect(host: &str) -> std::io::Result<Http> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Http { host: host.to_owned(), reader: BufReader::new(stream) })
    }

    /// Posts a document, and gives the one that answers it; of a stream the first.
    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let (host, length) = (&self.host, body.len());
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
        self.reader.get_mut().write_all((head + &body).as_bytes()).expect("etcd takes requests");
        let body = self.read_body();
        let mut documents = serde_json::Deserializer::from_slice(&body).into_iter::<Value>();
        let first = documents.next().expect("an answer has a document");
        first.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body)))
    }

    fn read_body(&mut self) -> Vec<u8> {
        let mut length = None;
        // The status line says nothing that the document does not.
        self.read_line();
        loop {
            let line = self.read_line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = Some(value.trim().parse().expect("a length is a number"));
            }
        }
        match length {
            Some(length) => self.read_bytes(length),
            None => self.read_chunks(),
        }
    }

    fn read_chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.read_line(), 16).expect("a chunk has a length");
            body.extend(self.read_bytes(length));
            self.read_line();
            if length == 0 {
                return body;
            }
        }
    }

    fn read_bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes).expect("etcd answers to the end");
        bytes
    }

    fn read_line(&mut self) -> String {
        let mut line = String::new();
        let length = self.reader.read_line(&mut line).expect("etcd answers");
        assert!(length > 0, "etcd closed the connection");
        line.trim_end().to_owned()
    }
}
