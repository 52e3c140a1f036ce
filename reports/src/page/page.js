"use strict";
// Reads the document of the page, and draws its timeline. What comes from the history is only ever text.
(async () => {
  const byId = (id) => document.getElementById(id);
  const packed = Uint8Array.from(atob(byId("data").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { kinds, rows, items, unit_us: unit, end, evidence, writes, order } = await new Response(stream).json();
  const endUs = end * unit;

  const count = items.text.length;
  const from = new Float64Array(count);
  let sum = 0;
  for (let at = 0; at < count; at++) from[at] = sum += items.after[at] * unit;
  const took = items.took.map((own) => own * unit);
  const isOpen = (at) => took[at] < 0;
  const to = (at) => (isOpen(at) ? endUs : from[at] + took[at]);
  // Only made if they are needed: a page opens faster without.
  const lazy = (make) => {
    let made;
    return () => (made ??= make());
  };
  const lower = lazy(() => items.text.map((text) => text.toLowerCase()));
  const inRow = rows.map(() => []);
  for (let at = 0; at < count; at++) inRow[items.row[at]].push(at);
  const marked = new Set();
  for (const own of evidence) for (const exhibit of own.exhibits) if (exhibit.item !== null) marked.add(exhibit.item);
  const POINTS = [kinds.indexOf("frame"), kinds.indexOf("event")];
  const SPANS = [kinds.indexOf("watch"), kinds.indexOf("hold"), kinds.indexOf("leader")];
  const FAULT = kinds.indexOf("fault"), STRUCK = kinds.indexOf("struck");

  // What is shown, and what matches.
  const shownKinds = new Set(kinds.keys());
  let shown = new Uint8Array(count).fill(1);
  // The rows in which anything matches, and those of them that are drawn.
  let used = rows.map((_, row) => row);
  let visible = used;
  // Histories by the wall clock begin long after 0.
  const begin = count && from[0] > endUs / 2 ? from[0] : 0;
  const whole = { from: begin, to: begin + Math.max(endUs - begin, 1) * 1.01 };
  const wholeSpan = whole.to - whole.from;
  const view = { ...whole };
  let selected = -1;

  const canvas = byId("timeline");
  const pane = canvas.parentElement.parentElement, extent = canvas.parentElement;
  const isNamed = rows.some((row) => row.party.includes(":"));
  const PARTY = isNamed ? 160 : 72, LABEL = PARTY + 78, HEIGHT = 18, AXIS = 24;
  // A canvas has its limits, and paper has no bar to scroll.
  const MOST_PRINTED = 8000;
  let isPrinting = false;
  const colour = {};
  const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["back", "text", "soft", "line", "band", "ok", "failed", "unknown", "watch", "fault", "marked"])
      colour[name] = style.getPropertyValue("--" + name).trim();
  };
  const colourOf = (at) => {
    const kind = items.kind[at];
    if (kind === FAULT || kind === STRUCK) return colour.fault;
    if (SPANS.includes(kind)) return colour.watch;
    if (POINTS.includes(kind)) return colour.text;
    return [colour.ok, colour.failed, colour.unknown][items.outcome[at]];
  };

  const seconds = (us) => (us / 1e6).toFixed(6) + " s";
  const x = (us) => LABEL + ((us - view.from) / (view.to - view.from)) * (canvas.clientWidth - LABEL);
  const us = (px) => view.from + ((px - LABEL) / (canvas.clientWidth - LABEL)) * (view.to - view.from);

  const drawAxis = (pen, width, height) => {
    const about = ((view.to - view.from) / Math.max(width - LABEL, 1)) * 110;
    const power = 10 ** Math.floor(Math.log10(about));
    const step = power * ([1, 2, 5].find((n) => n * power >= about) ?? 10);
    const digits = Math.max(0, Math.min(6, 6 - Math.floor(Math.log10(step))));
    pen.fillStyle = colour.soft;
    pen.strokeStyle = colour.line;
    for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
      const px = Math.round(x(at)) + 0.5;
      pen.beginPath();
      pen.moveTo(px, AXIS);
      pen.lineTo(px, height);
      pen.stroke();
      pen.fillText((at / 1e6).toFixed(digits) + " s", px + 3, 15);
    }
  };

  const drawItem = (pen, at, top) => {
    const left = Math.max(x(from[at]), LABEL);
    const isPoint = POINTS.includes(items.kind[at]);
    const right = Math.min(isOpen(at) ? canvas.clientWidth : x(to(at)), canvas.clientWidth);
    const width = isPoint ? 2 : Math.max(right - left, 1.5);
    const isThin = SPANS.includes(items.kind[at]) && kinds[items.kind[at]] === "watch";
    pen.fillStyle = marked.has(at) ? colour.marked : colourOf(at);
    const [inset, tall] = isThin ? [7, 4] : [3, HEIGHT - 6];
    const mayHappen = items.outcome[at] === 2 && !isOpen(at);
    if (mayHappen) pen.fillRect(left, top + HEIGHT - 4, canvas.clientWidth - left, 1);
    if (isOpen(at)) {
      // Open-ended: it fades out.
      const fade = pen.createLinearGradient(left, 0, left + width, 0);
      fade.addColorStop(0, pen.fillStyle);
      fade.addColorStop(1, "transparent");
      pen.fillStyle = fade;
    }
    pen.fillRect(left, top + inset, width, tall);
    if (marked.has(at) || at === selected) {
      pen.strokeStyle = at === selected ? colour.text : colour.marked;
      pen.lineWidth = 2;
      pen.strokeRect(left - 1, top + 1, width + 2, HEIGHT - 2);
      pen.lineWidth = 1;
    }
    if (width > 60 && !isThin && !isOpen(at)) {
      pen.save();
      pen.beginPath();
      pen.rect(left, top, width - 2, HEIGHT);
      pen.clip();
      pen.fillStyle = colour.back;
      pen.fillText(items.text[at].replace(/\s+/g, " "), left + 3, top + 13);
      pen.restore();
    }
  };

  const hasAnythingInView = (row) =>
    inRow[row].some((at) => shown[at] && from[at] <= view.to && to(at) >= view.from);
  const draw = () => {
    visible = byId("in-view").checked ? used.filter(hasAnythingInView) : used;
    const ratio = window.devicePixelRatio || 1;
    const tall = AXIS + Math.max(visible.length, 1) * HEIGHT + 4;
    const most = isPrinting ? MOST_PRINTED : Math.max(Math.floor(window.innerHeight * 0.7) - 2, 10 * HEIGHT);
    extent.style.height = (isPrinting ? Math.min(tall, most) : tall) + "px";
    const width = canvas.clientWidth, height = Math.min(tall, most);
    const scrolled = isPrinting ? 0 : pane.scrollTop;
    const inPane = (place) => (place + 1) * HEIGHT > scrolled && place * HEIGHT < scrolled + height;
    const topOf = (place) => AXIS + place * HEIGHT - scrolled;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = height + "px";
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "11px ui-monospace, monospace";
    pen.fillStyle = colour.back;
    pen.fillRect(0, 0, width, height);
    visible.forEach((row, place) => {
      if (place % 2 === 0 || !inPane(place)) return;
      pen.fillStyle = colour.band;
      pen.fillRect(0, topOf(place), width, HEIGHT);
    });
    drawAxis(pen, width, height);
    // Faults shade the time in which they are in force.
    pen.globalAlpha = 0.1;
    pen.fillStyle = colour.fault;
    for (let at = 0; at < count; at++)
      if (items.kind[at] === FAULT && took[at] !== 0 && to(at) >= view.from && from[at] <= view.to)
        pen.fillRect(Math.max(x(from[at]), LABEL), AXIS, Math.min(x(to(at)), width) - Math.max(x(from[at]), LABEL), height);
    pen.globalAlpha = 1;
    visible.forEach((row, place) => {
      if (!inPane(place)) return;
      const top = topOf(place);
      let last = -1;
      const late = [];
      for (const at of inRow[row]) {
        if (from[at] > view.to) break;
        if (!shown[at] || (to(at) < view.from && items.outcome[at] !== 2)) continue;
        if (to(at) < view.from) {
          // Its outcome is unknown: it may still happen.
          pen.fillStyle = colour.unknown;
          pen.fillRect(LABEL, top + HEIGHT - 4, width - LABEL, 1);
          continue;
        }
        if (marked.has(at) || at === selected || POINTS.includes(items.kind[at])) {
          late.push(at);
          continue;
        }
        // Of what falls on one pixel, one is drawn.
        const end = isOpen(at) ? Infinity : Math.floor(x(to(at)) * 2);
        if (end === last) continue;
        last = end;
        drawItem(pen, at, top);
      }
      let pixel = -1;
      for (const at of late) {
        const own = Math.floor(x(from[at]));
        if (own === pixel && !marked.has(at) && at !== selected) continue;
        pixel = own;
        drawItem(pen, at, top);
      }
      pen.fillStyle = colour.back;
      pen.fillRect(0, top, LABEL, HEIGHT);
      const isFirst = place === 0 || rows[visible[place - 1]].party !== rows[row].party;
      pen.fillStyle = isFirst ? colour.text : colour.soft;
      pen.fillText(isFirst || top < AXIS ? rows[row].party : "", 4, top + 13, PARTY);
      pen.fillStyle = colour.soft;
      pen.fillText(rows[row].sort, PARTY + 6, top + 13, LABEL - PARTY - 10);
    });
    pen.fillStyle = colour.back;
    pen.fillRect(0, 0, width, AXIS);
    drawAxis(pen, width, AXIS);
  };
  let isDue = false;
  const redraw = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  };

  // The filter. A word is found anywhere, but for numbers: 1 is not found in 12.
  const matcher = (word) => {
    if (word === "") return null;
    const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const before = /^\d/.test(word) ? "(?<!\\d)" : "", after = /\d$/.test(word) ? "(?!\\d)" : "";
    if (!before && !after) return (text) => text.includes(word);
    const pattern = new RegExp(before + escaped + after);
    return (text) => pattern.test(text);
  };
  const filter = () => {
    const words = byId("text").value.toLowerCase().match(/"[^"]*"?|\S+/g) ?? [];
    const wanted = words.map((word) => matcher(word.replaceAll('"', ""))).filter(Boolean);
    const parties = rows.map((row) => row.party.toLowerCase() + " ");
    let matches = 0;
    const isUsed = rows.map(() => false);
    for (let at = 0; at < count; at++) {
      const isShown =
        shownKinds.has(items.kind[at]) &&
        wanted.every((matches) => matches(lower()[at]) || matches(parties[items.row[at]]));
      shown[at] = isShown ? 1 : 0;
      if (isShown) {
        matches += 1;
        isUsed[items.row[at]] = true;
      }
    }
    used = rows.map((_, row) => row).filter((row) => isUsed[row]);
    byId("matches").textContent = matches + " of " + count + " items";
    redraw();
  };
  const zoom = (factor, about) => {
    const least = 10, span = Math.min(Math.max((view.to - view.from) * factor, least), wholeSpan);
    const part = (about - view.from) / (view.to - view.from);
    view.from = Math.min(Math.max(about - part * span, whole.from), whole.to - span);
    view.to = view.from + span;
    redraw();
  };
  const move = (by) => {
    const span = view.to - view.from;
    view.from = Math.min(Math.max(view.from + by, whole.from), whole.to - span);
    view.to = view.from + span;
    redraw();
  };
  const middle = () => (view.from + view.to) / 2;

  const select = (at) => {
    selected = at;
    if (at < 0) byId("details").textContent = "Nothing is selected.";
    else {
      const row = rows[items.row[at]];
      const until = isOpen(at) ? " and no end" : took[at] === 0 ? "" : " to " + seconds(to(at)) + " (" + took[at] / 1e3 + " ms)";
      const own = evidence.flatMap(({ guarantee, exhibits }) => exhibits.filter((one) => one.item === at).map(() => guarantee));
      const isMarked = own.length ? "\nevidence for " + [...new Set(own)].join(", ") : "";
      byId("details").textContent =
        row.party + ", " + kinds[items.kind[at]] + "\n" + seconds(from[at]) + until + "\n" + items.text[at] + isMarked;
    }
    remember();
    redraw();
  };
  // The address names what is looked at, so that it can be sent to others.
  const remember = () => {
    const own = "#from=" + Math.round(view.from) + "&to=" + Math.round(view.to) + (selected < 0 ? "" : "&item=" + selected);
    try {
      history.replaceState(null, "", own);
    } catch {
      // A browser may forbid it for files.
    }
  };
  const show = (at) => {
    if (!shown[at]) {
      byId("text").value = "";
      showAllKinds();
    }
    const length = Math.max(took[at], 1000);
    const span = Math.min(Math.max(length * 8, 20000), wholeSpan);
    view.from = Math.min(Math.max(from[at] + Math.min(length, span) / 2 - span / 2, whole.from), whole.to - span);
    view.to = view.from + span;
    select(at);
    draw();
    const top = AXIS + visible.indexOf(items.row[at]) * HEIGHT;
    pane.scrollTop = Math.max(0, top - pane.clientHeight / 2);
  };
  const step = (by) => {
    let at = selected < 0 ? (by > 0 ? -1 : count) : selected;
    if (selected < 0 && by > 0) at = from.findIndex((own) => own >= view.from) - 1;
    for (at += by; at >= 0 && at < count; at += by) {
      if (!shown[at]) continue;
      if (from[at] < view.from || from[at] > view.to) move(from[at] - middle());
      return select(at);
    }
  };
  const itemAt = (px, py) => {
    const row = visible[Math.floor((py - AXIS + pane.scrollTop) / HEIGHT)];
    if (row === undefined || px < LABEL || py < AXIS) return -1;
    let best = -1, distance = 5;
    for (const at of inRow[row]) {
      if (from[at] > us(px + 5)) break;
      if (!shown[at]) continue;
      const left = x(from[at]), right = Math.max(x(to(at)), left + 2);
      const own = px < left ? left - px : px > right ? px - right : 0;
      // A point on a span, and evidence, come first.
      if (own < distance || (own <= distance && (POINTS.includes(items.kind[at]) || marked.has(at)))) [best, distance] = [at, own];
    }
    return best;
  };

  // Hands and keys.
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { px: event.offsetX, from: view.from, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.abs(event.offsetX - drag.px) > 3) drag.moved = true;
    if (drag.moved) move(drag.from + us(drag.px) - us(event.offsetX) - view.from);
  });
  canvas.addEventListener("pointerup", (event) => {
    const row = visible[Math.floor((event.offsetY - AXIS + pane.scrollTop) / HEIGHT)];
    if (drag && !drag.moved && event.offsetX < LABEL && event.offsetY > AXIS && row !== undefined) {
      const own = '"' + rows[row].party + '"';
      byId("text").value = byId("text").value === own ? "" : own;
      filter();
    } else if (drag && !drag.moved) select(itemAt(event.offsetX, event.offsetY));
    drag = null;
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!event.ctrlKey && !event.metaKey && !isSideways) return;
      event.preventDefault();
      if (isSideways) move((event.deltaX / (canvas.clientWidth - LABEL)) * (view.to - view.from));
      else zoom(event.deltaY > 0 ? 1.25 : 0.8, us(Math.max(event.offsetX, LABEL)));
    },
    { passive: false },
  );
  const actions = {
    ArrowLeft: () => move((view.from - view.to) / 8),
    ArrowRight: () => move((view.to - view.from) / 8),
    "+": () => zoom(0.5, middle()),
    "=": () => zoom(0.5, middle()),
    "-": () => zoom(2, middle()),
    0: () => (Object.assign(view, whole), redraw()),
    n: () => step(1),
    p: () => step(-1),
    e: () => {
      const all = [...marked].sort((a, b) => a - b);
      if (all.length) show(all.find((at) => at > selected) ?? all[0]);
    },
    Escape: () => select(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key] || event.target.tagName === "INPUT") return;
    event.preventDefault();
    actions[event.key]();
  });
  byId("all").onclick = actions[0];
  byId("closer").onclick = actions["+"];
  byId("wider").onclick = actions["-"];
  byId("next").onclick = actions.n;
  byId("previous").onclick = actions.p;
  byId("text").oninput = filter;
  byId("in-view").onchange = redraw;
  byId("filter").onsubmit = byId("store").onsubmit = (event) => event.preventDefault();
  for (const button of document.querySelectorAll("button[data-item]"))
    button.onclick = () => {
      show(Number(button.dataset.item));
      canvas.scrollIntoView({ block: "center" });
    };
  const kindsOfItems = new Set(items.kind);
  kinds.forEach((name, kind) => {
    if (!kindsOfItems.has(kind)) return;
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.onchange = () => (box.checked ? shownKinds.add(kind) : shownKinds.delete(kind), filter());
    label.append(box, " " + name);
    label.ondblclick = (event) => {
      event.preventDefault();
      for (const other of byId("kinds").querySelectorAll("input")) other.checked = other === box;
      shownKinds.clear();
      shownKinds.add(kind);
      filter();
    };
    byId("kinds").append(label);
  });
  const showAllKinds = () => {
    for (const box of byId("kinds").querySelectorAll("input")) box.checked = true;
    for (const kind of kinds.keys()) shownKinds.add(kind);
    filter();
  };
  byId("all-kinds").onclick = showAllKinds;

  // Keys and revisions.
  const revisions = new Float64Array(writes.key.length);
  let revision = 0;
  for (let at = 0; at < revisions.length; at++) revisions[at] = revision += writes.after[at];
  const cells = (body, texts) => {
    const row = body.insertRow();
    for (const text of texts) row.insertCell().textContent = text;
    return row;
  };
  const valueOf = (at) => (writes.value[at] === null ? "(deleted)" : writes.value[at]);
  const MOST_ROWS = 500;
  const clear = (id) => {
    const body = byId(id).tBodies[0];
    body.replaceChildren();
    return body;
  };
  const showKey = () => {
    const body = clear("history");
    const key = writes.keys.indexOf(byId("key").value);
    if (key < 0 && byId("key").value !== "") return void cells(body, ["", "there is no such key"]);
    let left = MOST_ROWS;
    for (let at = 0; key >= 0 && at < revisions.length; at++) {
      if (writes.key[at] !== key) continue;
      if (left-- === 0) return void cells(body, ["...", "more"]);
      const item = writerOf().get(revisions[at]) ?? -1;
      const own = item < 0 ? ["", ""] : [rows[items.row[item]].party, seconds(from[item])];
      const row = cells(body, [revisions[at], valueOf(at), ...own]);
      row.className = "seen";
      row.onclick = () => {
        byId("revision").value = revisions[at];
        showState();
      };
    }
  };
  const showState = () => {
    const body = clear("state");
    const text = byId("revision").value;
    if (text === "") return;
    if (Number(text) > revision) cells(body, ["", revision, "the last revision that was seen; from here on nothing is known"]);
    const last = new Map();
    for (let at = 0; at < revisions.length && revisions[at] <= Number(text); at++) last.set(writes.key[at], at);
    let left = MOST_ROWS;
    for (const key of [...last.keys()].sort((a, b) => (writes.keys[a] < writes.keys[b] ? -1 : 1))) {
      const at = last.get(key);
      if (writes.value[at] === null) continue;
      if (left-- === 0) return void cells(body, ["...", "", "more"]);
      cells(body, [writes.keys[key], revisions[at], valueOf(at)]);
    }
  };
  for (const key of writes.keys.slice(0, MOST_ROWS)) {
    const option = document.createElement("option");
    option.value = key;
    byId("keys").append(option);
  }
  byId("bounds").textContent = revisions.length ? revisions.length + " writes, revisions " + revisions[0] + " to " + revision : "no writes";
  byId("key").oninput = showKey;
  byId("revision").oninput = showState;

  // The order that the judge found.
  const steps = order.item.length;
  const stepItem = new Int32Array(steps), stepRevision = new Float64Array(steps);
  for (let step = 0, item = 0, revision = 0; step < steps; step++) {
    stepRevision[step] = revision += order.after[step];
    stepItem[step] = order.item[step] === null ? -1 : (item += order.item[step]);
  }
  const stepOf = lazy(() => new Map(Array.from(stepItem, (item, step) => [item, step])));
  // The first step of a revision is who made it.
  const writerOf = lazy(() => new Map(Array.from(stepItem, (item, step) => [stepRevision[step], item]).reverse()));
  const MOST_STEPS = 40;
  let firstStep = 0;
  const showSteps = (wanted, told = -1) => {
    firstStep = Math.max(0, Math.min(wanted, steps - MOST_STEPS));
    const body = clear("order");
    for (let step = firstStep; step < Math.min(steps, firstStep + MOST_STEPS); step++) {
      const item = stepItem[step];
      const [by, what] = item < 0 ? ["", ""] : [rows[items.row[item]].party, items.text[item]];
      const row = cells(body, [step + 1, stepRevision[step], by, what, order.notes[step] ?? ""]);
      if (item >= 0) {
        row.classList.add("seen");
        row.onclick = () => (show(item), showSteps(firstStep, step));
      }
      if (step >= order.sound) row.classList.add(step === order.sound ? "broken" : "beyond");
      if (marked.has(item)) row.classList.add("violated");
      if (step === told) row.classList.add("told");
    }
  };
  const showStep = (step) => showSteps(step - 4, step);
  byId("order-about").textContent = order.about;
  byId("steps").hidden = steps === 0;
  byId("first-step").onclick = () => showSteps(0);
  byId("earlier-steps").onclick = () => showSteps(firstStep - MOST_STEPS);
  byId("later-steps").onclick = () => showSteps(firstStep + MOST_STEPS);
  byId("break-step").disabled = order.sound === steps;
  byId("break-step").onclick = () => showStep(order.sound);
  byId("selected-step").onclick = () => stepOf().has(selected) && showStep(stepOf().get(selected));
  byId("steps").onsubmit = (event) => event.preventDefault();
  if (order.sound < steps) showStep(order.sound);
  else showSteps(0);

  readColours();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (readColours(), redraw()));
  new ResizeObserver(redraw).observe(pane);
  addEventListener("resize", redraw);
  pane.addEventListener("scroll", redraw);
  for (const printing of ["beforeprint", "afterprint"])
    addEventListener(printing, () => ((isPrinting = printing === "beforeprint"), readColours(), draw()));
  filter();
  const first = evidence[0]?.exhibits.find((exhibit) => exhibit.item !== null);
  if (first) {
    // The evidence and what led to it.
    const all = [...marked];
    const begin = Math.min(...all.map((at) => from[at]));
    const end = Math.max(...all.map((at) => (isOpen(at) ? from[at] : to(at))));
    const margin = Math.max((end - begin) * 0.3, 50000);
    view.from = Math.max(begin - margin, whole.from);
    view.to = Math.min(end + margin, whole.to);
    select(first.item);
    // What the evidence speaks of.
    const said = evidence[0].exhibits.map((exhibit) => exhibit.text).join("\n");
    const named = (text) => writes.keys.filter((key) => key !== "" && text.includes(key)).sort((a, b) => b.length - a.length)[0];
    byId("key").value = named(first.text) ?? named(said) ?? "";
    if (stepOf().has(first.item)) byId("revision").value = stepRevision[stepOf().get(first.item)];
    showKey();
    showState();
  }
  const linked = new URLSearchParams(location.hash.slice(1));
  const number = (name) => (linked.has(name) ? Number(linked.get(name)) : NaN);
  if (number("from") < number("to")) {
    view.from = Math.max(number("from"), whole.from);
    view.to = Math.min(number("to"), whole.to);
    if (number("item") >= 0 && number("item") < count) select(number("item"));
  }
  document.documentElement.dataset.ready = "true";
})();
