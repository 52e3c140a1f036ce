//! The cost of the services: a call from the message of a client to the frame of the session, and back, with nothing behind
//! it. Encoding and decoding on both sides are part of it, as tonic does them.

#![allow(clippy::unwrap_used, reason = "a benchmark: a panic is its message")]

use divan::Bencher;
use futures_util::FutureExt;
use revline_rpc::addresses::Addresses;
use revline_rpc::proto::etcdserverpb::{PutRequest, PutResponse, RangeRequest, RangeResponse};
use revline_rpc::server::Server;
use revline_rpc::session::{Carrier, Inbound, Session};
use revline_store::api::{self, KeyValue, Request, Response, ResponseHeader};
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::machine::MemberId;
use std::sync::Arc;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic_prost::ProstCodec;

fn main() {
    divan::main();
}

/// A server that answers at once: a put with a header, a range with keys of these values.
struct AtOnce {
    inbound: Inbound,
    kvs: Vec<Arc<KeyValue>>,
}

impl Carrier for AtOnce {
    fn send(&self, frame: ClientFrame) {
        let ClientFrame::Call { call, request: Call::Kv(request), .. } = frame else { return };
        let header = ResponseHeader::at(7);
        let response = match request {
            Request::Range(_) => {
                let (kvs, count) = (self.kvs.clone(), self.kvs.len() as i64);
                Response::Range(api::RangeResponse { header, kvs, more: false, count })
            }
            _ => Response::Put(api::PutResponse { header, prev_kv: None }),
        };
        self.inbound.received(ServerFrame::Reply { call, result: Ok(Reply::Kv(response)) });
    }

    fn taken(&self, _: u64) {}

    fn close(&self) {}
}

#[derive(Clone, Copy)]
struct Nowhere;

impl Addresses for Nowhere {
    fn peer_urls(&self, _: MemberId) -> Vec<String> {
        Vec::new()
    }

    fn client_urls(&self, _: MemberId) -> Vec<String> {
        Vec::new()
    }

    fn member_of(&self, _: &[String]) -> Option<MemberId> {
        None
    }
}

fn client(keys: usize, value_bytes: usize) -> Grpc<Server<AtOnce, Nowhere>> {
    let kv = |key: usize| KeyValue {
        key: format!("key {key}").as_str().into(),
        value: vec![7; value_bytes].into(),
        create_revision: 2,
        mod_revision: 3,
        version: 2,
        lease: 0,
    };
    let kvs = (0..keys).map(|key| Arc::new(kv(key))).collect();
    Grpc::new(Server::new(Session::new(|inbound| AtOnce { inbound, kvs }), Nowhere))
}

#[divan::bench(args = [16, 1_024, 65_536])]
fn put(bencher: Bencher<'_, '_>, value_bytes: usize) {
    let client = client(0, 0);
    let value = bytes::Bytes::from(vec![7; value_bytes]);
    bencher.bench(|| {
        let mut client = client.clone();
        let request = PutRequest { key: "key".into(), value: value.clone(), ..PutRequest::default() };
        let path = PathAndQuery::from_static("/etcdserverpb.KV/Put");
        let codec = ProstCodec::<_, PutResponse>::default();
        client.unary(tonic::Request::new(request), path, codec).now_or_never().unwrap().unwrap();
    });
}

#[divan::bench(args = [1, 100, 1_000])]
fn range(bencher: Bencher<'_, '_>, keys: usize) {
    let client = client(keys, 64);
    bencher.bench(|| {
        let mut client = client.clone();
        let request = RangeRequest { key: "key".into(), ..RangeRequest::default() };
        let path = PathAndQuery::from_static("/etcdserverpb.KV/Range");
        let codec = ProstCodec::<_, RangeResponse>::default();
        client.unary(tonic::Request::new(request), path, codec).now_or_never().unwrap().unwrap();
    });
}
