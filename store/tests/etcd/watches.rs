//! One watch stream on each side, and its responses.

use crate::base64::encode;
use crate::harness::cluster::Cluster;
use crate::websocket::WebSocket;
use crate::wire;
use revline_store::api::{WatchCancelRequest, WatchCreateRequest, WatchRequest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// etcd lets watches catch up every 100 ms.
const CATCH_UP: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(5);

/// The key and the watch that tell that everything before was told.
pub const SENTINEL: &str = "~";
const SENTINEL_ID: i64 = 1_000_000;

pub struct Watches {
    socket: WebSocket,
    /// Of etcd, in the order in which it came.
    theirs: Vec<Value>,
    /// A watch may still have to catch up.
    is_behind: bool,
    /// The watches that are open.
    pub open: Vec<i64>,
    next_id: i64,
}

impl Watches {
    pub fn open(host: &str, cluster: &mut Cluster) -> Watches {
        let socket = WebSocket::open(host, "/v3/watch").expect("etcd takes streams");
        let mut watches =
            Watches { socket, theirs: Vec::new(), is_behind: false, open: Vec::new(), next_id: 1 };
        let sentinel = WatchCreateRequest {
            key: SENTINEL.into(),
            watch_id: SENTINEL_ID,
            ..WatchCreateRequest::default()
        };
        watches.create(cluster, sentinel);
        watches.open.clear();
        watches
    }

    /// An id for the next watch: mostly a fresh one.
    pub fn next_id(&mut self, draw: &mut crate::draw::Draw) -> i64 {
        match (draw.below(10), self.open.first()) {
            (0, _) => 0,
            (1, Some(taken)) => *taken,
            _ => {
                self.next_id += 1;
                self.next_id
            }
        }
    }

    pub fn create(&mut self, cluster: &mut Cluster, create: WatchCreateRequest) {
        self.is_behind |= create.start_revision > 0;
        self.send(cluster, &WatchRequest::Create(create));
        let created = self.await_frame(|frame| frame["created"] == true);
        if created["canceled"] != true {
            self.open.push(id_of(&created));
        }
    }

    pub fn cancel(&mut self, cluster: &mut Cluster, watch_id: i64) {
        self.open.retain(|open| *open != watch_id);
        self.send(cluster, &WatchRequest::Cancel(WatchCancelRequest { watch_id }));
        self.await_frame(|frame| frame["canceled"] == true && id_of(frame) == watch_id);
    }

    /// Asks for progress on both sides, and gives their answers.
    pub fn ask_progress(&mut self, cluster: &mut Cluster) -> (Vec<Value>, Vec<Value>) {
        let is_progress = |frame: &Value| id_of(frame) == -1 && frame["created"] != true;
        self.send(cluster, &WatchRequest::Progress);
        self.receive(Duration::from_millis(50));
        let theirs = self.theirs.extract_if(.., |frame| is_progress(frame)).collect();
        let ours = cluster.node(1).watched.extract_if(.., |response| response.is_progress_notify());
        let ours = ours.map(|response| wire::watched(&response)).collect();
        (ours, theirs)
    }

    fn send(&mut self, cluster: &mut Cluster, request: &WatchRequest) {
        self.socket.send(&wire::watch(request));
        cluster.watch(1, 1, request.clone());
        cluster.run();
    }

    fn await_frame(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.socket.next(PATIENCE).expect("etcd answers on a stream");
            let frame = wire::plain(frame)["result"].take();
            self.theirs.push(frame.clone());
            if is_it(&frame) {
                return frame;
            }
        }
    }

    fn receive(&mut self, patience: Duration) {
        while let Some(frame) = self.socket.next(patience) {
            self.theirs.push(wire::plain(frame)["result"].take());
        }
    }

    /// All that both told since the last time, by watch, once everything up to the sentinel's revision was told.
    pub fn settle(&mut self, cluster: &mut Cluster, sentinel_revision: i64) -> [BTreeMap<i64, Value>; 2] {
        let text = json!(sentinel_revision.to_string());
        self.await_frame(|frame| {
            id_of(frame) == SENTINEL_ID && frame["events"][0]["kv"]["mod_revision"] == text
        });
        if std::mem::take(&mut self.is_behind) {
            self.receive(CATCH_UP);
        }
        cluster.ticks(4);
        let ours = std::mem::take(&mut cluster.node(1).watched);
        let ours: Vec<Value> = ours.iter().map(wire::watched).collect();
        let told = [by_watch(ours), by_watch(std::mem::take(&mut self.theirs))];
        let ended = told[1].iter().filter(|(_, told)| told["compacted"] != Value::Null);
        for id in ended.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.cancel(cluster, id);
        }
        told
    }
}

fn id_of(frame: &Value) -> i64 {
    frame["watch_id"].as_str().map_or(0, |id| id.parse().expect("an id is a number"))
}

/// All events of each watch, and its other frames; how events are spread over frames is a matter of time.
fn by_watch(frames: Vec<Value>) -> BTreeMap<i64, Value> {
    let mut told: BTreeMap<i64, Value> = BTreeMap::new();
    for frame in frames {
        let id = id_of(&frame);
        let watch =
            told.entry(id).or_insert_with(|| json!({ "events": [], "frames": [], "compacted": null }));
        if let Some(events) = frame["events"].as_array() {
            // Which of two watches is told of the sentinel first is open.
            let told = events.iter().filter(|event| event["kv"]["key"] != encode(SENTINEL.as_bytes()));
            watch["events"].as_array_mut().expect("a list").extend(told.cloned());
            continue;
        }
        if frame["compact_revision"] != Value::Null {
            watch["compacted"] = json!(true);
        }
        watch["frames"].as_array_mut().expect("a list").push(frame);
    }
    told.retain(|_, told| told["events"] != json!([]) || told["frames"] != json!([]));
    told
}
