//! Channels to proxies with a namespace: the history has the keys that their clients mean.

use revline_checker::judge::Judge;
use revline_rpc::proto::etcdserverpb::{PutRequest, PutResponse, RangeRequest, RangeResponse};
use revline_sim::channel::{Channel, client_url};
use revline_sim::{Prefix, ProxyPlace, SimulationConfig, World, simulate};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic_prost::ProstCodec;

/// A channel at a proxy, whose endpoint it is given later, as `etcd-client` gives it.
fn at_proxy(world: &World, name: &str, proxy: u64) -> Channel {
    let channel = world.channel(name, &[]);
    channel.insert(&client_url(proxy));
    channel
}

async fn ask<M, R>(channel: &Channel, path: &'static str, message: M) -> R
where
    M: prost::Message + 'static,
    R: prost::Message + Default + 'static,
{
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.expect("a channel is always ready");
    let (path, codec) = (PathAndQuery::from_static(path), ProstCodec::<M, R>::default());
    grpc.unary(tonic::Request::new(message), path, codec).await.expect("it is answered").into_inner()
}

async fn put(channel: &Channel, value: &'static str) {
    let put = PutRequest { key: "k".into(), value: value.into(), ..PutRequest::default() };
    ask::<_, PutResponse>(channel, "/etcdserverpb.KV/Put", put).await;
}

async fn get(channel: &Channel) -> Vec<u8> {
    let range = RangeRequest { key: "k".into(), ..RangeRequest::default() };
    ask::<_, RangeResponse>(channel, "/etcdserverpb.KV/Range", range).await.kvs[0].value.to_vec()
}

fn config() -> SimulationConfig {
    let place = |prefix: &str| {
        let namespace = Prefix(prefix.into());
        ProxyPlace { namespace, ..ProxyPlace::new(vec![1, 2, 3]) }
    };
    SimulationConfig { proxies: vec![place("a/"), place("b/")], ..SimulationConfig::default() }
}

#[test]
fn an_endpoint_that_is_added_later_gives_the_client_its_namespace() {
    let run = simulate(&config(), false, |world| async move {
        world.leader().await.expect("an election");
        let channels = [at_proxy(&world, "a", 101), at_proxy(&world, "b", 102), world.channel("m", &[1])];
        for (channel, value) in channels.iter().zip(["1", "2", "3"]) {
            put(channel, value).await;
        }
        let mut seen = Vec::new();
        for channel in &channels {
            seen.push(get(channel).await);
        }
        assert_eq!(seen, [b"1", b"2", b"3"]);
    });
    let history = run.expect("nothing panics").history;
    assert_eq!(history.namespaces.len(), 2);
    let verdicts = Judge::new(&history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
}

#[test]
fn a_channel_that_was_used_stays_in_its_namespace() {
    let run = simulate(&config(), false, |world| async move {
        world.leader().await.expect("an election");
        let channel = at_proxy(&world, "a", 101);
        put(&channel, "1").await;
        channel.insert(&client_url(102));
    });
    let panicked = run.expect_err("another namespace");
    assert_eq!(panicked.message, "the endpoints of a client show one namespace");
}
