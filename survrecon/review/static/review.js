// The review page: what was read from a figure, over its picture, to be checked and corrected.
//
// The server holds the record; this module draws it and sends operations (docs/review_interface.md). Places are pixels
// of the picture everywhere but in `view`, which maps them to the screen. Nothing is fetched from elsewhere.

// ---------------------------------------------------------------------------------------------------------- settings

const POINTER_REACH = 9; // screen pixels within which a corner, mark or line is taken hold of
const DRAG_STARTS = 3; // screen pixels after which a press is a drag
const ZOOM_STEP = 1.25; // of one turn of the wheel
const DOUBT_ZOOM = 4; // screen pixels a pixel of the picture, where a doubt is shown
const CELL_ZOOM = 2; // the same, for a number of the table
const LARGEST_ZOOM = 40;
const LOUPE_PIXELS = 21; // pixels of the picture across the loupe
const NUDGE = 0.5; // pixels of the picture that an arrow key moves what is selected
const CURSOR_STEP = 5; // screen pixels that an arrow key moves the keyboard's cursor
const MORE = 10; // times as far with Shift; a tenth with Alt
const NUDGE_WAIT = 350; // ms without an arrow key until the move is sent
const RESULT_WAIT = 300; // ms without an edit until the rebuilt curves are asked for
const ALIVE_EVERY = 5000; // ms
const WIDEST_CELL = 2.6; // heights: of a wider place, where nothing was read, the middle is shown
const SURE = 0.9; // confidence of a cell from which it is not marked
const UNSURE = 0.6; // below it a cell is marked strongly
const SAME_LEVEL = 0.75; // pixels of the picture between levels that are one
const DOTS_APART = 5; // screen pixels: closer corners are drawn of the arm in hand alone
const PALETTE = ["#0b5fa5", "#c4390b", "#1e7437", "#7b3fa0", "#8a5a00", "#0a7f86", "#b0206e", "#444444"];
const QUANTITIES = { hazard_ratio: "hazard ratio", p_value: "p value", median: "median", survival_at: "survival at a time", n: "patients", events: "events" };
const OF_TWO_ARMS = new Set(["hazard_ratio", "p_value"]);
const AT_A_TIME = new Set(["survival_at"]);
const MODELS = ["unadjusted", "stratified", "adjusted", "weighted", "cause-specific", "subdistribution", "not stated"];
const ROW_KINDS = ["at risk", "events", "censored", "not used"];
const TIME_UNITS = ["days", "weeks", "months", "years"];

// ----------------------------------------------------------------------------------------------------------- elements

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

/** An HTML element: attributes, `on...` listeners, and children (text or elements; null is left out). */
function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function svg(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const clamp = (value, low, high) => Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
const round = (value, digits) => Number(value.toFixed(digits));
const shown = (value) => (value === null || value === undefined ? "" : String(round(value, 6)));
/** The number that was typed; null where the field is empty, NaN where it holds no number. */
const typed = (text) => (text.trim() === "" ? null : Number(text.trim().replace(",", ".").replace(/[−–]/g, "-").replace("·", ".")));

// ------------------------------------------------------------------------------------------------------------ the state

let state = null; // what the server holds
let result = null; // what is rebuilt from it
let resultStale = false;
let picture = null; // ImageBitmap, for the loupe and the cells
let pictureOf = ""; // which picture that is
let view = { x: 0, y: 0, k: 1 }; // screen = k * pixel + (x, y)
let tool = "move";
let active = null; // id of the arm in hand
let chosen = null; // {kind: "corner", arm, index} | {kind: "marks", arm, indices} | {kind: "stretch", arm, from, to} | {kind: "handle", axis, index}
let clicks = []; // of a line that is being traced or redrawn
let cursor = null; // the keyboard's place in the figure
let pointer = null; // the mouse's
let drag = null;
let doubtAt = -1;
let showRebuilt = false;
let newestCurve = null; // resolves when the picture of this page is in place

const arms = () => state?.arms ?? [];
const armOf = (id) => arms().find((arm) => arm.id === id);
const inHand = () => armOf(active) ?? (arms().length === 1 ? arms()[0] : undefined);
const nameOf = (id) => armOf(id)?.name || "unnamed arm";
const downwards = () => (state.one_minus_survival ? -1 : 1);
const locked = () => !state || state.read_only;

// ----------------------------------------------------------------------------------------------------------- the server

const client = (() => {
  let id = sessionStorage.getItem("client");
  if (!id) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => "abcdefghijklmnopqrstuvwxyz"[n % 26]).join("");
    sessionStorage.setItem("client", id);
  }
  return id;
})();

async function ask(method, path, body) {
  const headers = { "X-Client": client };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), keepalive: method === "POST" && path === "/api/edit" });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(data.error?.rule ?? `status ${answer.status}`), { status: answer.status, data });
  return data;
}

let queue = Promise.resolve();
let waiting = 0;

/** Send one request after another, each with the revision that the one before it made. */
function send(path, body, done = take) {
  waiting += 1;
  renderSaved();
  queue = queue.then(async () => {
    try {
      done(await ask("POST", path, { revision: state.revision, ...body }));
      if (byId("toast").classList.contains("error")) byId("toast").hidden = true; // what went wrong before is over
      return true;
    } catch (error) {
      await refused(error);
      return false;
    } finally {
      waiting -= 1;
      renderSaved();
    }
  });
  return queue;
}

const edit = (op, args = {}) => (locked() ? Promise.resolve(false) : send("/api/edit", { op, ...args }));

async function refused(error) {
  const words = error.data?.error;
  if (words?.rule?.includes("changes something")) {
    // Nothing was to be changed: the record is as it is wanted.
  } else if (error.status === undefined) {
    toast("The server does not answer: nothing was saved of the last step. Is survrecon review still running?", { error: true });
  } else if (error.status === 409) {
    toast("The record was changed meanwhile. Here is its newest state; please do that step again.", { error: true });
  } else {
    toast(words ? said(words) : error.message, { error: true });
  }
  if (error.status === undefined) return render();
  try {
    take(await ask("GET", "/api/state"));
  } catch {
    render();
  }
}

function take(newest) {
  const before = state;
  state = newest;
  if (!armOf(active)) active = null;
  if (chosen?.arm && !armOf(chosen.arm)) chosen = null;
  if (chosen?.kind === "corner" && !armOf(chosen.arm).corners[chosen.index]) chosen = null;
  if (chosen?.kind === "marks") chosen.indices = chosen.indices.filter((i) => i < (armOf(chosen.arm).marks ?? []).length);
  if (chosen?.kind === "handle" && !state.axes[chosen.axis].handles[chosen.index]) chosen = null;
  const figure = [state.figure.name, state.figure.panel, state.figure.crop, state.picture.width, state.picture.height].join();
  if (figure !== pictureOf) loadPicture(figure);
  render();
  if (!before || before.revision !== state.revision) askForResult();
}

function loadPicture(figure) {
  pictureOf = figure;
  newestCurve = fetch("/api/picture.png", { headers: { "X-Client": client } })
    .then((answer) => answer.blob())
    .then(async (blob) => {
      picture = await createImageBitmap(blob);
      layers.picture.setAttribute("href", URL.createObjectURL(blob));
      for (const layer of [layers.ground, layers.picture]) {
        layer.setAttribute("width", state.picture.width);
        layer.setAttribute("height", state.picture.height);
      }
      fit();
      render();
    })
    .catch(() => toast("The picture of the figure could not be fetched.", { error: true }));
}

let resultTimer = 0;

function askForResult() {
  resultStale = true;
  clearTimeout(resultTimer);
  resultTimer = setTimeout(async () => {
    const wanted = state.revision;
    try {
      const got = await ask("GET", "/api/result");
      if (state.revision !== wanted && got.revision !== state.revision) return;
      result = got;
    } catch (error) {
      result = { revision: wanted, failed: error.data?.error ?? { rule: error.message } };
    }
    resultStale = false;
    renderResult();
    renderGrade();
    drawArms();
  }, RESULT_WAIT);
  renderResult();
}

async function alive() {
  try {
    const now = await ask("GET", "/api/alive");
    if (!waiting && (now.revision !== state.revision || now.read_only !== state.read_only)) take(await ask("GET", "/api/state"));
  } catch {
    toast("The server does not answer. What was saved is safe; start survrecon review again.", { error: true });
  }
}

// ------------------------------------------------------------------------------------------------------------- geometry

function stepPath(corners) {
  if (!corners.length) return "";
  let path = `M${corners[0][0]} ${corners[0][1]}`;
  for (let i = 1; i < corners.length; i += 1) path += `H${corners[i][0]}V${corners[i][1]}`;
  return path;
}

function dotsPath(corners) {
  let path = "";
  for (const [x, y] of corners) path += `M${x} ${y}h0`;
  return path;
}

/** Index of the corner from which the curve is level at x; -1 before its start. */
function cornerBefore(corners, x) {
  let low = 0;
  let high = corners.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (corners[middle][0] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function levelAt(arm, x) {
  const at = cornerBefore(arm.corners, x);
  return at < 0 ? null : arm.corners[at][1];
}

/** Where a corner may be: between its neighbours, never rising, inside the frame. */
function limits(corners, index) {
  const [x0, y0, x1, y1] = state.frame;
  const [top, bottom] = downwards() > 0 ? [y0, y1] : [y1, y0];
  const before = corners[index - 1];
  const after = corners[index + 1];
  return { x: [before ? before[0] : x0, after ? after[0] : x1], y: [before ? before[1] : top, after ? after[1] : bottom] };
}

function stopAtLimits(corners, index, x, y) {
  const within = limits(corners, index);
  return [clamp(x, ...within.x), clamp(y, ...within.y)];
}

/** The printed value at a pixel of an axis, or null before it is calibrated. */
function valueAt(axis, pixel) {
  const handles = [...(state?.axes[axis].handles ?? [])].filter((h) => h.value !== null).sort((a, b) => a.pixel - b.pixel);
  if (handles.length < 2) return null;
  let i = handles.findIndex((handle) => handle.pixel > pixel);
  i = clamp(i < 0 ? handles.length - 1 : i, 1, handles.length - 1);
  const [a, b] = [handles[i - 1], handles[i]];
  return a.value + ((pixel - a.pixel) * (b.value - a.value)) / (b.pixel - a.pixel);
}

function placeInWords([x, y]) {
  const time = valueAt("time", x);
  const survival = valueAt("survival", y);
  if (time === null || survival === null) return `pixel ${x.toFixed(1)}, ${y.toFixed(1)}`;
  const unit = state.time_unit ? ` ${state.time_unit}` : "";
  return `${time.toFixed(2)}${unit}, ${state.percent ? `${survival.toFixed(1)}%` : survival.toFixed(3)}`;
}

/** Distance in pixels of a place to the step line of an arm, and the piece that is nearest. */
function nearestPiece(arm, [x, y], reach) {
  const corners = arm.corners;
  let best = { distance: Infinity, index: -1, upright: false };
  const from = Math.max(cornerBefore(corners, x - reach), 0);
  for (let i = from; i < corners.length && corners[i][0] <= x + reach; i += 1) {
    const [cx, cy] = corners[i];
    const until = corners[i + 1]?.[0] ?? cx;
    const level = Math.hypot(Math.max(cx - x, 0, x - until), cy - y);
    if (level < best.distance) best = { distance: level, index: i, upright: false };
    if (i === 0) continue;
    const above = corners[i - 1][1];
    const drop = Math.hypot(cx - x, Math.max(Math.min(above, cy) - y, 0, y - Math.max(above, cy)));
    if (drop < best.distance) best = { distance: drop, index: i, upright: true };
  }
  return best;
}

/** Arms by how near they are to a place, the nearest first. */
function byDistance(place) {
  const far = (arm) => nearestPiece(arm, place, Infinity).distance;
  return arms().map((arm) => ({ arm, distance: far(arm) })).sort((a, b) => a.distance - b.distance);
}

/** What lies under a place: a corner, a mark, or the line of an arm; the arm in hand comes first. */
function under(place) {
  const reach = POINTER_REACH / view.k;
  const order = [...arms()].sort((a, b) => Number(b.id === active) - Number(a.id === active));
  for (const arm of order) {
    let best = { distance: reach, index: -1 };
    arm.corners.forEach(([x, y], index) => {
      const distance = Math.hypot(x - place[0], y - place[1]);
      if (distance < best.distance) best = { distance, index };
    });
    if (best.index >= 0) return { kind: "corner", arm: arm.id, index: best.index };
  }
  for (const arm of order) {
    for (const [index, x] of (arm.marks ?? []).entries()) {
      const y = levelAt(arm, x);
      if (y !== null && Math.abs(x - place[0]) < reach / 2 && Math.abs(y - place[1]) < reach) return { kind: "mark", arm: arm.id, index };
    }
  }
  let line = { distance: reach };
  for (const arm of order) {
    const piece = nearestPiece(arm, place, reach);
    if (piece.distance < line.distance) line = { kind: "line", arm: arm.id, ...piece };
  }
  return line.kind ? line : null;
}

// --------------------------------------------------------------------------------------------------------- figure: drawing

const figure = byId("figure");
const layers = {};

function buildFigure() {
  const world = svg("g");
  figure.append(world);
  layers.world = world;
  layers.ground = svg("rect", { x: 0, y: 0, fill: "#fff" });
  layers.picture = svg("image", { x: 0, y: 0, opacity: 0.6 });
  world.append(layers.ground, layers.picture);
  for (const name of ["regions", "calibration", "arms", "handles", "preview", "cursor"]) {
    layers[name] = svg("g");
    world.append(layers[name]);
  }
}

/** A colour to draw each arm in: its own where that is dark enough and unlike the others', else one of the palette. */
function coloursOf(list) {
  const rgb = (text) => (/^#[0-9a-f]{6}$/i.test(text ?? "") ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)) : null);
  const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  const taken = [];
  return new Map(list.map((arm) => {
    const own = rgb(arm.colour);
    const dark = own && 0.3 * own[0] + 0.59 * own[1] + 0.11 * own[2] < 165;
    let colour = dark && taken.every((other) => apart(own, other) > 90) ? arm.colour : null;
    colour ??= PALETTE.find((one) => taken.every((other) => apart(rgb(one), other) > 90)) ?? PALETTE[taken.length % PALETTE.length];
    taken.push(rgb(colour));
    return [arm.id, colour];
  }));
}

let colours = new Map();
const paths = new Map(); // of each arm: the elements that a drag changes

function drawFigure() {
  layers.world.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
  layers.picture.style.imageRendering = view.k > 3 ? "pixelated" : "auto";
  drawCalibration();
  drawArms();
  drawChosen();
  drawPreview();
  drawRulers();
}

function drawCalibration() {
  const { width, height } = state.picture;
  const line = (axis, handle, index) => {
    const at = drag?.kind === "handle" && drag.axis === axis && drag.index === index ? drag.pixel : handle.pixel;
    const d = axis === "time" ? `M${at} 0V${height}` : `M0 ${at}H${width}`;
    const isChosen = chosen?.kind === "handle" && chosen.axis === axis && chosen.index === index;
    return svg("path", { d, class: isChosen ? "calibration chosen" : "calibration" });
  };
  layers.calibration.replaceChildren(...["time", "survival"].flatMap((axis) => state.axes[axis].handles.map((handle, i) => line(axis, handle, i))));
}

function marksPath(arm, marks = arm.marks ?? []) {
  const half = 7 / view.k;
  return marks.map((x) => {
    const y = levelAt(arm, x) ?? arm.corners[0]?.[1];
    return y === undefined ? "" : `M${x} ${y - half}V${y + half}`;
  }).join("");
}

function drawArms() {
  colours = coloursOf(arms());
  paths.clear();
  const parts = [];
  const order = [...arms()].sort((a, b) => Number(a.id === active) - Number(b.id === active));
  for (const arm of order) {
    const isActive = arm.id === active;
    const stroke = colours.get(arm.id);
    const d = stepPath(arm.corners);
    const line = svg("path", { d, class: isActive ? "arm active" : "arm", stroke, "data-arm": arm.id });
    const span = arm.corners.length ? (arm.corners.at(-1)[0] - arm.corners[0][0]) * view.k : 0;
    const crowded = !isActive && span / arm.corners.length < DOTS_APART;
    const dots = svg("path", { d: crowded ? "" : dotsPath(arm.corners), class: isActive ? "dots active" : "dots", stroke });
    const marks = svg("path", { d: marksPath(arm), class: "marks", stroke });
    const halo = isActive ? svg("path", { d, class: "halo" }) : null;
    paths.set(arm.id, { line, dots, marks, halo });
    parts.push(...[halo, line, marks, dots].filter(Boolean));
    const rebuilt = showRebuilt && result?.arms?.find((one) => one.id === arm.id)?.curve;
    if (rebuilt) parts.push(svg("path", { d: stepPath(rebuilt), class: "rebuilt" }));
  }
  layers.arms.replaceChildren(...parts);
}

function drawChosen() {
  const parts = [];
  const arm = chosen?.arm && armOf(chosen.arm);
  const dot = ([x, y]) => svg("circle", { cx: x, cy: y, r: 6 / view.k, class: "chosen-dot" });
  if (chosen?.kind === "corner") parts.push(dot(arm.corners[chosen.index]));
  if (chosen?.kind === "marks") parts.push(svg("path", { d: marksPath(arm, chosen.indices.map((i) => arm.marks[i])), class: "preview" }));
  if (chosen?.kind === "stretch") {
    const [, y0, , y1] = state.frame;
    parts.push(svg("rect", { x: chosen.from, y: y0, width: chosen.to - chosen.from, height: y1 - y0, class: "region" }));
  }
  layers.handles.replaceChildren(...parts);
  const doubt = state.doubts[doubtAt];
  const regions = [];
  const box = focusedBox ?? doubtBox(doubt);
  if (box) regions.push(svg("rect", { x: box[0] - 3, y: box[1] - 3, width: box[2] - box[0] + 6, height: box[3] - box[1] + 6, class: "doubt" }));
  else if (doubt?.at) regions.push(svg("circle", { cx: doubt.at[0], cy: doubt.at[1], r: 16 / view.k, class: "doubt" }));
  layers.regions.replaceChildren(...regions);
}

function drawPreview() {
  const parts = [];
  if (drag?.kind === "box") {
    const [[ax, ay], [bx, by]] = [drag.start, drag.now];
    parts.push(svg("rect", { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by), class: "region" }));
  }
  if (clicks.length) {
    const next = cursor ?? pointer;
    parts.push(svg("path", { d: `M${clicks.concat(next ? [next] : []).map((p) => p.join(" ")).join("L")}`, class: "preview" }));
    parts.push(...clicks.map(([x, y]) => svg("circle", { cx: x, cy: y, r: 4 / view.k, class: "chosen-dot" })));
  }
  const at = cursor ?? pointer;
  if (tool === "swap" && at) {
    const pair = pairToSwap(at);
    for (const [own, other] of pair ? [pair, [pair[1], pair[0]]] : []) {
      const tail = own.corners.filter(([x]) => x > at[0]);
      const y = levelAt(own, at[0]);
      const path = svg("path", { d: stepPath(y === null ? tail : [[at[0], y], ...tail]), class: "preview" });
      path.style.stroke = colours.get(other.id);
      path.style.strokeWidth = 5;
      parts.push(path);
    }
  }
  layers.preview.replaceChildren(...parts);
  const arm = 12 / view.k;
  layers.cursor.replaceChildren(...(cursor ? [svg("path", {
    class: "cursor", d: `M${cursor[0] - arm} ${cursor[1]}h${2 * arm}M${cursor[0]} ${cursor[1] - arm}v${2 * arm}`,
  })] : []));
}

const toScreen = ([x, y]) => [view.k * x + view.x, view.k * y + view.y];
const toPicture = (sx, sy) => [(sx - view.x) / view.k, (sy - view.y) / view.k];
const paneSize = () => { const box = figure.getBoundingClientRect(); return [box.width, box.height]; };

function fit() {
  const [width, height] = paneSize();
  const k = Math.min(width / state.picture.width, height / state.picture.height);
  view = { k, x: (width - k * state.picture.width) / 2, y: (height - k * state.picture.height) / 2 };
}

function zoom(factor, [sx, sy] = paneSize().map((side) => side / 2)) {
  const k = clamp(view.k * factor, 0.05, LARGEST_ZOOM);
  const [x, y] = toPicture(sx, sy);
  view = { k, x: sx - k * x, y: sy - k * y };
  drawFigure();
}

function show([x, y], k = view.k) {
  const [width, height] = paneSize();
  view = { k, x: width / 2 - k * x, y: height / 2 - k * y };
}

function showIfOutside(place) {
  const [sx, sy] = toScreen(place);
  const [width, height] = paneSize();
  if (sx < 20 || sy < 20 || sx > width - 20 || sy > height - 20) show(place);
}

/** The values printed at the calibration lines stand at the edge of the figure, at their lines, whatever the zoom. */
function drawRulers() {
  for (const axis of ["time", "survival"]) {
    const ruler = byId(`${axis}-ruler`);
    const handles = state.axes[axis].handles;
    const focused = document.activeElement?.dataset?.key;
    const wrong = ruler.children.length !== handles.length;
    if (wrong) ruler.replaceChildren(...handles.map((_, index) => handleBox(axis, index)));
    handles.forEach((handle, index) => {
      const box = ruler.children[index];
      const at = drag?.kind === "handle" && drag.axis === axis && drag.index === index ? drag.pixel : handle.pixel;
      const screen = axis === "time" ? view.k * at + view.x : view.k * at + view.y;
      box.style[axis === "time" ? "left" : "top"] = `${screen}px`;
      const [button, input] = [box.querySelector("button"), box.querySelector("input")];
      if (!input.dataset.typing) input.value = input.defaultValue = shown(handle.value);
      input.disabled = button.disabled = locked();
      box.classList.toggle("chosen", chosen?.kind === "handle" && chosen.axis === axis && chosen.index === index);
    });
    if (wrong && focused?.startsWith(`handle-${axis}`)) document.querySelector(`[data-key="${focused}"]`)?.focus();
  }
}

function handleBox(axis, index) {
  const words = axis === "time" ? "Time" : "Survival";
  const choose = () => {
    chosen = { kind: "handle", axis, index };
    const at = state.axes[axis].handles[index].pixel;
    const [sx, sy] = toScreen([at, at]);
    const [width, height] = paneSize();
    if (axis === "time" && (sx < 0 || sx > width)) view.x += width / 2 - sx;
    if (axis === "survival" && (sy < 0 || sy > height)) view.y += height / 2 - sy;
    renderSelected();
    drawFigure();
  };
  const input = html("input", {
    inputmode: "decimal", "aria-label": `${words} line ${index + 1}: value printed in the figure`, "data-key": `handle-${axis}-${index}`, autocomplete: "off",
    onfocus: (event) => { choose(); event.target.select(); },
    onchange: (event) => {
      const value = typed(event.target.value);
      if (value === null || Number.isNaN(value)) return notANumber(event.target, () => drawRulers());
      return edit("set_handle", { axis, index, value });
    },
  });
  const grip = html("button", {
    type: "button", "aria-label": `${words} line ${index + 1}: drag it, or move it with the arrow keys`, "data-key": `grip-${axis}-${index}`,
    onfocus: choose,
    onpointerdown: (event) => startHandleDrag(event, axis, index),
    onkeydown: (event) => handleKey(event, axis, index),
  });
  return html("div", { class: "handle" }, input, grip);
}

function startHandleDrag(event, axis, index) {
  if (locked()) return;
  event.target.setPointerCapture(event.pointerId);
  drag = { kind: "handle", axis, index, pixel: state.axes[axis].handles[index].pixel };
  const move = (moved) => {
    const box = figure.getBoundingClientRect();
    const place = toPicture(moved.clientX - box.left, moved.clientY - box.top);
    drag.pixel = clamp(place[axis === "time" ? 0 : 1], 0, axis === "time" ? state.picture.width : state.picture.height);
    pointer = place;
    soon(() => { drawCalibration(); drawRulers(); drawLoupe(axis === "time" ? [drag.pixel, place[1]] : [place[0], drag.pixel]); });
  };
  const up = () => {
    event.target.removeEventListener("pointermove", move);
    const { pixel } = drag;
    drag = null;
    drawLoupe(null);
    if (pixel !== state.axes[axis].handles[index].pixel) edit("move_handle", { axis, index, pixel });
  };
  event.target.addEventListener("pointermove", move);
  event.target.addEventListener("pointerup", up, { once: true });
}

function handleKey(event, axis, index) {
  const steps = axis === "time" ? { ArrowLeft: -1, ArrowRight: 1 } : { ArrowUp: -1, ArrowDown: 1 };
  if (event.key in steps && !locked()) {
    const handle = state.axes[axis].handles[index];
    handle.pixel += steps[event.key] * NUDGE * farther(event);
    later(`handle ${axis} ${index}`, () => edit("move_handle", { axis, index, pixel: handle.pixel }));
    drawCalibration();
    drawRulers();
  } else if (event.key === "Delete" || event.key === "Backspace") edit("delete_handle", { axis, index });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

const farther = (event) => (event.shiftKey ? MORE : event.altKey ? 1 / MORE : 1);

// Only the newest drawing of a frame is drawn.
let drawing = null;
function soon(draw) {
  if (!drawing) requestAnimationFrame(() => { const newest = drawing; drawing = null; newest(); });
  drawing = draw;
}

// Steps of the arrow keys are gathered and sent as one edit, so that one undo takes them back.
let gathered = null;
function later(what, run) {
  if (gathered && gathered.what !== what) sendGathered();
  clearTimeout(gathered?.timer);
  gathered = { what, run, timer: setTimeout(sendGathered, NUDGE_WAIT) };
  renderSaved();
}
function sendGathered() {
  if (!gathered) return;
  const { run, timer } = gathered;
  clearTimeout(timer);
  gathered = null;
  run();
}

function drawLoupe(place) {
  const canvas = byId("loupe");
  canvas.hidden = !place || !picture;
  if (canvas.hidden) return;
  const [sx] = toScreen(place);
  canvas.classList.toggle("left", sx > paneSize()[0] * 0.6);
  const brush = canvas.getContext("2d");
  const scale = canvas.width / LOUPE_PIXELS;
  const [x0, y0] = [place[0] - LOUPE_PIXELS / 2, place[1] - LOUPE_PIXELS / 2];
  brush.setTransform(1, 0, 0, 1, 0, 0);
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingEnabled = false;
  brush.setTransform(scale, 0, 0, scale, -x0 * scale, -y0 * scale);
  brush.drawImage(picture, 0, 0, state.picture.width, state.picture.height);
  brush.lineWidth = 1.5 / scale;
  for (const arm of arms()) {
    const corners = drag?.arm === arm.id && drag.corners ? drag.corners : arm.corners;
    const from = Math.max(cornerBefore(corners, x0), 0);
    brush.beginPath();
    for (let i = from; i < corners.length && corners[Math.max(i - 1, 0)][0] < x0 + LOUPE_PIXELS; i += 1) {
      if (i === from) brush.moveTo(...corners[i]);
      else { brush.lineTo(corners[i][0], corners[i - 1][1]); brush.lineTo(...corners[i]); }
    }
    brush.strokeStyle = colours.get(arm.id);
    brush.stroke();
  }
  brush.strokeStyle = "#e07b00";
  brush.lineWidth = 1 / scale;
  brush.beginPath();
  brush.moveTo(x0, place[1]); brush.lineTo(x0 + LOUPE_PIXELS, place[1]);
  brush.moveTo(place[0], y0); brush.lineTo(place[0], y0 + LOUPE_PIXELS);
  brush.stroke();
}

// ----------------------------------------------------------------------------------------------------------- figure: tools

const TOOLS = [
  { id: "move", key: "v", label: "Move", hint: "Drag a corner, a step, a level or a mark; click an arm to take it in hand; Shift+drag selects a stretch; drag the ground to move the picture, turn the wheel to zoom." },
  { id: "step", key: "i", label: "Add step", hint: "Click where the curve steps down: at the lower end of the missing step." },
  { id: "mark", key: "m", label: "Add mark", hint: "Click on a censoring mark of the arm in hand." },
  { id: "redraw", key: "r", label: "Redraw", hint: "Click along the arm in hand from where it goes wrong to where it is right again; Enter ends, Backspace takes one click back. The line follows the ink." },
  { id: "swap", key: "x", label: "Swap after", hint: "Click where two arms cross: after it they change names." },
  { id: "split", key: "k", label: "Split", hint: "Click where the arm in hand ends and another one begins." },
  { id: "trace", key: "t", label: "New arm", hint: "Click along a curve from its start to its end; Enter ends, Backspace takes one click back. The line follows the ink." },
  { id: "time", key: "a", label: "Time axis", hint: "Click on a tick of the time axis, then type the value printed there." },
  { id: "survival", key: "s", label: "Survival axis", hint: "Click on a tick of the survival axis, then type the value printed there." },
  { id: "crop", key: "c", label: "Crop", hint: "Drag a box around the panel, its axes and its table, or click two corners of it." },
];

function buildTools() {
  const button = (one) => html("button", {
    type: "button", id: `tool-${one.id}`, "aria-pressed": "false", title: one.hint, onclick: () => { choose(one.id); figure.focus(); },
  }, `${one.label} `, html("kbd", {}, one.key));
  const zoomButton = (label, words, run) => html("button", { type: "button", "aria-label": words, title: words, onclick: run }, label);
  byId("tools").append(
    ...TOOLS.map(button),
    html("span", { class: "gap" }),
    zoomButton("+", "Zoom in (+)", () => zoom(ZOOM_STEP)),
    zoomButton("−", "Zoom out (-)", () => zoom(1 / ZOOM_STEP)),
    zoomButton("Fit", "Whole picture (0)", () => { fit(); drawFigure(); }),
    html("label", {}, "Picture", html("input", {
      type: "range", min: 10, max: 100, value: 60, id: "fade", "aria-label": "How strongly the picture is drawn",
      oninput: (event) => layers.picture.setAttribute("opacity", event.target.value / 100),
    })),
  );
}

function choose(id) {
  tool = id;
  clicks = [];
  if (id !== "move") chosen = null;
  render();
}

/** The two arms that a click at a place swaps: the arm in hand or the nearest, and the nearest other one. */
function pairToSwap(place) {
  const near = byDistance(place).map((one) => one.arm);
  if (near.length < 2) return null;
  const first = near.length > 2 && armOf(active) && near.indexOf(armOf(active)) < 2 ? armOf(active) : near[0];
  return [first, near.find((arm) => arm !== first)];
}

/** The arm that a click at a place is about: the one in hand, or the nearest. */
const armFor = (place) => inHand() ?? byDistance(place)[0]?.arm;

const CLICKS = {
  async step(place) {
    const arm = armFor(place);
    if (!arm) return toast("There is no arm yet: trace one first (t).");
    active = arm.id;
    await edit("insert_corner", { arm: arm.id, x: place[0], y: place[1] });
    const near = armOf(arm.id)?.corners.map(([x, y], index) => ({ index, far: Math.hypot(x - place[0], y - place[1]) })) ?? [];
    near.sort((a, b) => a.far - b.far);
    if (near.length) chosen = { kind: "corner", arm: arm.id, index: near[0].index };
    return choose("move");
  },
  mark(place) {
    const arm = armFor(place);
    return arm ? edit("add_mark", { arm: arm.id, x: place[0] }) : toast("There is no arm yet: trace one first (t).");
  },
  swap(place) {
    const pair = pairToSwap(place);
    if (!pair) return toast("Two arms are needed to swap them.");
    edit("swap_after", { arm: pair[0].id, other: pair[1].id, x: place[0] });
    return choose("move");
  },
  async split(place) {
    const arm = armFor(place);
    if (!arm) return;
    const answer = await askFor("Split the arm", [{ id: "name", label: "Name of the arm after the split", value: freeName() }]);
    if (answer) edit("split_arm", { arm: arm.id, x: place[0], name: answer.name });
    choose("move");
  },
  redraw(place) { clicks.push(place); drawPreview(); renderSelected(); },
  trace(place) { clicks.push(place); drawPreview(); renderSelected(); },
  time(place) { return addHandle("time", place[0]); },
  survival(place) { return addHandle("survival", place[1]); },
  crop(place) {
    clicks.push(place);
    if (clicks.length > 1) return cropTo({ start: clicks[0], now: clicks[1] });
    return drawPreview();
  },
};

async function addHandle(axis, pixel) {
  const percent = axis === "survival" && state.percent ? " (in percent)" : "";
  const answer = await askFor(axis === "time" ? "Time axis" : "Survival axis", [{ id: "value", label: `Value printed at this tick${percent}`, number: true, value: "" }]);
  if (answer && answer.value !== null) await edit("add_handle", { axis, pixel, value: answer.value });
  figure.focus();
}

const freeName = () => { let i = arms().length + 1; while (arms().some((arm) => arm.name === `arm ${i}`)) i += 1; return `arm ${i}`; };

/** Enter: what was clicked becomes a line along the ink. */
async function finishLine() {
  const points = clicks;
  const tracing = tool === "trace";
  if (points.length < 2) return toast("At least two clicks along the curve are needed; Escape gives up.");
  const arm = tracing ? null : armFor(points[0]);
  if (!tracing && !arm) return toast("There is no arm yet: trace one first (t).");
  choose("move");
  let snapped;
  try {
    snapped = await ask("POST", "/api/snap", { points, colour: arm?.colour ?? null });
  } catch (error) {
    return refused(error);
  }
  if (!tracing) {
    active = arm.id;
    const { corners } = snapped;
    // The new line begins at the arm's level: a step of less than a pixel there would be of the hand's making.
    const level = levelAt(arm, corners[0][0]);
    if (level !== null && Math.abs(corners[0][1] - level) < SAME_LEVEL) corners[0][1] = level;
    // Where nothing but the curve's end follows, the end is on the new line's last level.
    const after = arm.corners.filter(([x]) => x > corners.at(-1)[0]);
    if (after.length === 1) corners.push([after[0][0], corners.at(-1)[1]]);
    return edit("redraw", { arm: arm.id, corners });
  }
  const answer = await askFor("New arm", [{ id: "name", label: "Name of the arm, as printed", value: freeName() }]);
  if (!answer) { // the clicks are kept: Escape once more gives them up
    choose("trace");
    clicks = points;
    return render();
  }
  await edit("add_arm", { name: answer.name, corners: snapped.corners, colour: snapped.colour ?? null });
  active = arms().at(-1)?.id ?? null;
  return render();
}

/** Another arm to do something with: at once where there is but one. */
async function otherArm(arm, title) {
  const others = arms().filter((one) => one.id !== arm.id);
  if (others.length < 2) return others[0] ?? toast("There is no other arm.");
  return chooseFrom(title, others.map((one) => ({ value: one, label: one.name || "unnamed arm", colour: colours.get(one.id) })));
}

const OF_CHOSEN = {
  async give() {
    const arm = armOf(chosen?.arm) ?? inHand();
    if (!arm) return toast("Take an arm in hand first: click it, or press its number.");
    if (chosen?.kind === "stretch") {
      const { from, to } = chosen;
      const other = await otherArm(arm, `Give this stretch of ${arm.name} to`);
      if (other) { await edit("give_stretch", { arm: arm.id, to: other.id, x_from: from, x_to: to }); chosen = null; }
      return render();
    }
    return OF_CHOSEN.giveMarks();
  },
  async giveMarks() {
    const arm = armOf(chosen?.arm) ?? inHand();
    if (!arm) return toast("Take an arm in hand first: click it, or press its number.");
    const all = (arm.marks ?? []).map((_, index) => index);
    let indices = all;
    if (chosen?.kind === "marks") indices = chosen.indices;
    if (chosen?.kind === "stretch") indices = all.filter((i) => arm.marks[i] >= chosen.from && arm.marks[i] <= chosen.to);
    if (!indices.length) return toast(`${arm.name || "The arm"} has no marks here.`);
    const other = await otherArm(arm, `Give ${indices.length} marks of ${arm.name} to`);
    if (!other) return undefined;
    const fewer = indices.length < all.length ? "" : "all ";
    await edit("give_marks", { arm: arm.id, to: other.id, indices });
    chosen = null;
    toast(`${fewer}${indices.length} marks of ${arm.name} are now ${nameOf(other.id)}'s.`, { undo: true });
    return render();
  },
  async join() {
    const arm = inHand();
    const other = arm && (await otherArm(arm, `Join to ${arm.name}`));
    if (other) edit("merge_arms", { arm: arm.id, other: other.id });
  },
  async remove() {
    if (chosen?.kind === "corner") {
      const { arm, index } = chosen;
      chosen = null;
      return edit("delete_corner", { arm, index });
    }
    if (chosen?.kind === "handle") return edit("delete_handle", { axis: chosen.axis, index: chosen.index });
    if (chosen?.kind === "marks" || chosen?.kind === "stretch") {
      const arm = armOf(chosen.arm);
      const gone = chosen.kind === "marks" ? new Set(chosen.indices) : null;
      const marks = (arm.marks ?? []).filter((x, i) => (gone ? !gone.has(i) : x < chosen.from || x > chosen.to));
      if (marks.length === (arm.marks ?? []).length) return toast("No marks are selected. A stretch of a curve is redrawn (r) or given to another arm (g).");
      chosen = null;
      return edit("set_marks", { arm: arm.id, marks });
    }
    return removeArm(inHand());
  },
};

async function removeArm(arm) {
  if (!arm) return toast("Select something first: click a corner, a mark or an arm.");
  if (await edit("delete_arm", { arm: arm.id })) toast(`${arm.name || "An arm"} was deleted.`, { undo: true });
  return undefined;
}

// ------------------------------------------------------------------------------------------------------ figure: the pointer

function placeOf(event) {
  const box = figure.getBoundingClientRect();
  return toPicture(event.clientX - box.left, event.clientY - box.top);
}

function pressed(event) {
  if (!state || event.button > 1) return;
  figure.focus({ preventScroll: true });
  cursor = null;
  sendGathered();
  figure.setPointerCapture(event.pointerId);
  const place = placeOf(event);
  const start = { start: place, now: place, screen: [event.clientX, event.clientY], moved: false, view: { ...view } };
  const hit = tool === "move" && event.button === 0 && !event.shiftKey ? under(place) : null;
  if (event.button === 1) drag = { ...start, kind: "pan" };
  else if (tool === "crop") drag = { ...start, kind: "box" };
  else if (tool === "move" && event.shiftKey) drag = { ...start, kind: "stretch" };
  else if (hit && !locked()) drag = { ...start, kind: hit.kind, arm: hit.arm, hit };
  else drag = { ...start, kind: tool === "move" ? "pan" : "click", hit };
}

function movedPointer(event) {
  if (!state) return;
  pointer = placeOf(event);
  byId("place").textContent = placeInWords(pointer);
  if (!drag || drag.kind === "handle") {
    if (clicks.length || tool === "swap") soon(drawPreview);
    drawLoupe(tool === "move" || tool === "crop" ? null : pointer);
    if (tool === "move") figure.classList.toggle("can-grab", !under(pointer));
    return;
  }
  drag.now = pointer;
  const far = Math.hypot(event.clientX - drag.screen[0], event.clientY - drag.screen[1]);
  if (!drag.moved && far < DRAG_STARTS) return;
  drag.moved = true;
  soon(drawDrag);
}

/** What a drag changes is drawn at once; only the release is sent. */
function drawDrag() {
  if (!drag) return;
  const [dx, dy] = [drag.now[0] - drag.start[0], drag.now[1] - drag.start[1]];
  if (drag.kind === "pan" || drag.kind === "click") {
    if (drag.kind === "pan") {
      view = { ...drag.view, x: view.x + dx * view.k, y: view.y + dy * view.k };
      drag.now = drag.start;
      figure.classList.add("panning");
      drawFigure();
    }
    return;
  }
  if (drag.kind === "box") return drawPreview();
  if (drag.kind === "stretch") return dragStretch();
  const arm = armOf(drag.arm);
  if (drag.kind === "mark") {
    drag.x = clamp(arm.marks[drag.hit.index] + dx, arm.corners[0][0], arm.corners.at(-1)[0]);
    paths.get(arm.id).marks.setAttribute("d", marksPath(arm, arm.marks.map((x, i) => (i === drag.hit.index ? drag.x : x))));
    return drawLoupe([drag.x, levelAt(arm, drag.x)]);
  }
  return dragCorner(arm, dx, dy);
}

function dragCorner(arm, dx, dy) {
  const { index } = drag.hit;
  const [x, y] = arm.corners[index];
  const along = { x: drag.kind === "corner" || drag.hit.upright, y: drag.kind === "corner" || !drag.hit.upright };
  // The last corner ends the line at the level before it: a level that is dragged takes its end along.
  const last = arm.corners.length - 1;
  const takesEnd = along.y && index === last - 1 && arm.corners[last][1] === y;
  const free = takesEnd ? arm.corners.slice(0, last) : arm.corners;
  let [newX, newY] = stopAtLimits(free, index, along.x ? x + dx : x, along.y ? y + dy : y);
  if (takesEnd) newX = Math.min(newX, arm.corners[last][0]);
  drag.to = [newX, newY];
  drag.takesEnd = takesEnd;
  drag.corners = arm.corners.map((corner, i) => (i === index ? drag.to : takesEnd && i === last ? [corner[0], newY] : corner));
  drag.pieces ??= movingPieces(arm, index);
  const d = stepPath(drag.corners.slice(Math.max(index - 1, 0), index + 2));
  drag.pieces.line.setAttribute("d", d);
  drag.pieces.halo?.setAttribute("d", d);
  drag.pieces.dots.setAttribute("d", dotsPath(drag.corners.slice(index, takesEnd ? last + 1 : index + 1)));
  byId("place").textContent = placeInWords(drag.to);
  drawLoupe(drag.to);
}

/** Paths for the piece of an arm that a drag changes; what does not change is left alone, so that long curves keep up. */
function movingPieces(arm, index) {
  const { corners } = arm;
  const parts = paths.get(arm.id);
  const still = stepPath(corners.slice(0, index)) + stepPath(corners.slice(index + 1));
  const moving = {};
  for (const name of ["halo", "line", "dots"]) {
    if (!parts[name]) continue;
    parts[name].setAttribute("d", name === "dots" ? dotsPath(corners.filter((_, i) => i !== index)) : still);
    moving[name] = parts[name].cloneNode(false);
    layers.arms.append(moving[name]);
  }
  return moving;
}

function dragStretch() {
  const arm = armOf(drag.arm ?? under(drag.start)?.arm) ?? armFor(drag.start);
  if (!arm) return;
  drag.arm = active = arm.id;
  chosen = { kind: "stretch", arm: arm.id, from: Math.min(drag.start[0], drag.now[0]), to: Math.max(drag.start[0], drag.now[0]) };
  drawChosen();
}

function released() {
  const done = drag;
  drag = null;
  figure.classList.remove("panning");
  drawLoupe(null);
  if (!done || done.kind === "handle") return;
  if (!done.moved) return clicked(done);
  if (done.kind === "click" && tool !== "move") return clicked(done);
  drag = done;
  drawDrag();
  drag = null;
  drawLoupe(null);
  if (done.kind === "box") return cropTo(done);
  if (done.kind === "mark") { edit("move_mark", { arm: done.arm, index: done.hit.index, x: done.x }); return; }
  if (done.kind === "stretch" || done.kind === "pan" || done.kind === "click") return render();
  const arm = armOf(done.arm);
  active = arm.id;
  chosen = { kind: "corner", arm: arm.id, index: done.hit.index };
  if (done.takesEnd) edit("redraw", { arm: arm.id, corners: [done.to, [arm.corners.at(-1)[0], done.to[1]]] });
  else edit("move_corner", { arm: arm.id, index: done.hit.index, x: done.to[0], y: done.to[1] });
}

function clicked({ start, hit, kind }) {
  if (tool !== "move") return locked() ? undefined : CLICKS[tool](start);
  const found = hit ?? under(start);
  if (kind === "stretch" || !found) { chosen = null; return render(); }
  active = found.arm;
  if (found.kind === "corner") chosen = { kind: "corner", arm: found.arm, index: found.index };
  else if (found.kind === "mark") chosen = { kind: "marks", arm: found.arm, indices: [found.index] };
  else chosen = null;
  return render();
}

async function cropTo({ start, now }) {
  const box = [Math.min(start[0], now[0]), Math.min(start[1], now[1]), Math.max(start[0], now[0]), Math.max(start[1], now[1])];
  choose("move");
  await edit("set_crop", { box });
  render();
}

// --------------------------------------------------------------------------------------------------------------- doubts

const openDoubts = () => state.doubts.filter((doubt) => !doubt.resolved).length;

/** The cell of the table that a doubt is about: its row and column. */
function cellOf(doubt) {
  if (!doubt || !/risk|cell|number|event|censored/i.test(`${doubt.field} ${doubt.option ?? ""}`)) return null;
  const column = state.table.times.findIndex((time) => Math.abs(time - doubt.time) < 1e-9);
  const row = state.table.rows.find((one) => one.arm === doubt.arm && (one.kind === doubt.field || one.kind === "at risk"));
  return doubt.time !== null && column >= 0 && row?.cells[column] ? { row, column } : null;
}

function doubtBox(doubt) {
  const cell = cellOf(doubt);
  return cell?.row.cells[cell.column].box ?? null;
}

function nextDoubt(step) {
  const { doubts } = state;
  if (!openDoubts()) return toast(doubts.length ? "Every doubt has been looked at." : "The reading has no doubts.");
  do doubtAt = (doubtAt + step + doubts.length) % doubts.length; while (doubts[doubtAt].resolved);
  const doubt = doubts[doubtAt];
  if (armOf(doubt.arm)) active = doubt.arm;
  const cell = cellOf(doubt);
  const box = doubtBox(doubt);
  const at = box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : doubt.at;
  if (at) show(at, box ? CELL_ZOOM : DOUBT_ZOOM);
  if (cell) openTab("numbers");
  render();
  if (cell) document.querySelector(`[data-key="cell-${cell.row.id}-${cell.column}"]`)?.focus();
  else figure.focus();
  return undefined;
}

/** Settle the doubt that is shown; an edit on its way may have settled it already. */
function resolveDoubt(resolved = true) {
  const id = state.doubts[doubtAt]?.id;
  if (id) queue = queue.then(() => { if (state.doubts.some((doubt) => doubt.id === id && doubt.resolved !== resolved)) edit("resolve_doubt", { doubt: id, resolved }); });
}

/** What is to be done where nothing was read, or is to be seen: each step with its tool; null once all are done. */
function stepsByHand() {
  if (!state.figure.message && state.started_from !== "blind") return null;
  const set = (axis) => state.axes[axis].handles.length > 1;
  const without = arms().find((arm) => arm.n === null);
  const use = (id) => () => { choose(id); figure.focus(); };
  const typeN = () => { openTab("curves"); document.querySelector(`[data-key="n-${without?.id}"]`)?.focus(); };
  const steps = [
    { done: set("time"), words: "Time axis: click a tick, type its value; twice", key: "a", run: use("time") },
    { done: set("survival"), words: "Survival axis: the same", key: "s", run: use("survival") },
    { done: arms().length > 0, words: "Each curve: click along it, press Enter, type its name", key: "t", run: use("trace") },
    { done: arms().length > 0 && !without, words: "N of each arm, and numbers at risk if they are printed", run: typeN },
  ];
  if (steps.every((one) => one.done)) return null;
  return html("ol", { class: "steps", "aria-label": "Reading by hand" }, steps.map((one, i) => html("li", { class: one.done ? "done" : "" },
    html("button", { type: "button", class: "small", "data-key": `step-${i}`, disabled: locked(), onclick: one.run }, one.words, one.key ? [" ", html("kbd", {}, one.key)] : null), one.done ? html("span", { role: "img", "aria-label": "done" }, " ✓") : null)));
}

function renderDoubts() {
  const pane = byId("doubts");
  const { doubts } = state;
  const left = openDoubts();
  pane.classList.toggle("open", left > 0);
  const doubt = doubts[doubtAt];
  const steps = stepsByHand();
  const walk = html("button", { type: "button", class: "small", "data-key": "next-doubt", onclick: () => nextDoubt(1) }, doubt ? "Next " : "Show the first ", html("kbd", {}, "n"));
  const words = [html("strong", {}, !doubts.length ? (arms().length && !steps ? "No doubts. " : "") : left ? `${left} of ${doubts.length} ${doubts.length === 1 ? "doubt" : "doubts"} to look at. ` : doubts.length === 1 ? "The one doubt was looked at. " : `All ${doubts.length} doubts were looked at. `)];
  if (state.figure.message) {
    words.unshift(state.edits ? html("p", { class: "quiet" }, "The program could not read this figure: it is read by hand.")
      : html("p", { class: "problem" }, `The program could not read this figure: ${state.figure.message} Everything can be done by hand.`));
  }
  if (steps) words.push(steps);
  if (doubt) {
    const where = [doubt.arm && nameOf(doubt.arm), doubt.time !== null && doubt.time !== undefined && `at ${shown(doubt.time)}`].filter(Boolean).join(" ");
    words.push(html("p", {}, html("strong", {}, `${doubtAt + 1}. ${doubt.field}${where ? `, ${where}` : ""}: `), doubt.text || `read ${doubt.read}`));
  }
  pane.replaceChildren(...words, html("div", { class: "row" }, left ? walk : null, doubt && html("button", {
    type: "button", class: "small", "data-key": "resolve", disabled: locked(), onclick: () => resolveDoubt(!doubt.resolved),
  }, doubt.resolved ? "Not settled after all" : ["Settled ", html("kbd", {}, "y")])));
}

// --------------------------------------------------------------------------------------------------------- pane: curves

const option = (value, label, selected) => html("option", { value, selected: selected === value }, label);

/** A field whose change is one edit. */
function field(label, value, save, more = {}) {
  return html("label", { class: more.class ?? "field" }, label, html("input", {
    value: shown(value), inputmode: "decimal", autocomplete: "off", class: "n", "data-key": more.key, disabled: locked(), "aria-label": more.words,
    onchange: (event) => {
      const number = typed(event.target.value);
      return Number.isNaN(number) ? notANumber(event.target, render) : save(number);
    },
  }));
}

function notANumber(input, restore) {
  toast(`"${input.value}" is not a number.`, { error: true });
  restore();
}

function armCard(arm, place) {
  const isActive = arm.id === inHand()?.id;
  const take = () => { if (active !== arm.id) { active = arm.id; render(); } };
  const act = (label, words, run) => html("button", { type: "button", class: "small", title: words, disabled: locked(), "data-key": `${label}-${arm.id}`, onclick: () => { active = arm.id; run(); } }, label);
  const swatch = html("span", { class: "swatch" });
  swatch.style.borderColor = colours.get(arm.id);
  const marks = arm.marks === null ? "no marks shown" : `${arm.marks.length} marks`;
  return html("div", { class: isActive ? "card active" : "card", onclick: (event) => { if (event.target.tagName !== "BUTTON" && event.target.tagName !== "INPUT") take(); } },
    html("div", { class: "row" }, html("button", { type: "button", class: "small", "aria-pressed": String(isActive), "aria-label": `Take ${arm.name} in hand`, "data-key": `take-${arm.id}`, onclick: take }, String(place + 1)), swatch, html("input", {
      class: "name", value: arm.name, "aria-label": `Name of arm ${place + 1}`, "data-key": `name-${arm.id}`, disabled: locked(),
      onchange: (event) => edit("rename_arm", { arm: arm.id, name: event.target.value }),
    })),
    html("div", { class: "row" },
      field("N", arm.n, (value) => edit("set_n", { arm: arm.id, value }), { key: `n-${arm.id}`, words: `N of ${arm.name}: patients at the start` }),
      field("events", arm.events, (value) => edit("set_events", { arm: arm.id, value }), { key: `events-${arm.id}`, words: `Events of ${arm.name}, where they are printed` }),
      html("span", { class: "quiet" }, `${arm.corners.length} corners, ${marks}${arm.by_hand ? ", ✎ by hand" : ""}`)),
    isActive && html("div", { class: "row" },
      arms().length > 1 && act("Give marks", "These marks belong to another arm (g)", OF_CHOSEN.giveMarks),
      arms().length > 1 && act("Join", "Another arm is the rest of this one (j)", OF_CHOSEN.join),
      arm.marks !== null && act("No marks", "The figure shows no marks of this arm", () => edit("set_marks", { arm: arm.id, marks: null })),
      act("Delete arm", "This is no curve (Delete)", () => removeArm(arm))));
}

function check(label, on, save, key) {
  return html("label", { class: "field" }, html("input", { type: "checkbox", checked: on, "data-key": key, disabled: locked(), onchange: (event) => save(event.target.checked) }), label);
}

function select(label, options, value, save, key, className = "field") {
  return html("label", { class: className }, label, html("select", { "data-key": key, disabled: locked(), onchange: (event) => save(event.target.value) }, options.map(([one, words]) => option(one, words, value ?? ""))));
}

function renderCurves() {
  const { figure: source, axes } = state;
  const armOptions = [["", "not stated"], ...arms().map((arm) => [arm.id, arm.name || "unnamed"])];
  const axisLine = (axis, words) => {
    const ends = axes[axis].handles;
    const said = ends.length < 2 ? `not calibrated: set two lines (${axis === "time" ? "a" : "s"})` : `${shown(ends[0].value)} to ${shown(ends.at(-1).value)} (${axes[axis].source})`;
    return html("p", {}, `${words}: ${said}`);
  };
  const panels = panelChoice();
  byId("curves").replaceChildren(
    ...(arms().length || !panels ? [] : [html("h2", {}, "Which panel?"), panels]),
    html("h2", {}, "Arms"),
    ...(arms().length ? arms().map(armCard) : [html("p", { class: "quiet" }, "No curve yet. Press t and click along the first curve from its start to its end, then Enter.")]),
    html("h2", {}, "Axes"),
    axisLine("time", "Time"),
    axisLine("survival", "Survival"),
    axes.time.handles.length + axes.survival.handles.length ? html("p", { class: "quiet" }, "The blue lines over the figure, with their values at its edge, say what the axes are.") : "",
    html("div", { class: "row" },
      select("Time unit", [["", "not stated"], ...TIME_UNITS.map((unit) => [unit, unit])], state.time_unit, (value) => edit("set_time_unit", { value: value || null }), "unit"),
      check("percent", state.percent, (value) => edit("set_percent", { value }), "percent"),
      check("curves rise (1 − S)", state.one_minus_survival, (value) => edit("set_one_minus_survival", { value }), "rising")),
    html("div", { class: "row" }, select("Control arm", armOptions, state.control, (value) => edit("set_control", { arm: value || null }), "control")),
    html("h2", {}, "Figure"),
    ...(arms().length && panels ? [panels] : []),
    html("div", { class: "row" },
      html("label", { class: "field" }, "Panel", html("input", {
        class: "n", value: source.panel ?? "", list: "panels", autocomplete: "off", "data-key": "panel", disabled: locked(), "aria-label": "Panel of the figure: its letter or title",
        onchange: (event) => edit("set_panel", { name: event.target.value.trim() || null }),
      })),
      html("datalist", { id: "panels" }, (source.panels ?? []).map((one) => html("option", { value: one }))),
      source.crop && html("button", { type: "button", class: "small", disabled: locked(), onclick: () => edit("set_crop", { box: null }) }, "Whole picture again"),
      state.started_from !== "blind" && html("button", { type: "button", class: "small", disabled: locked(), "data-key": "read-again", title: "Reads this panel or part anew; what was corrected is replaced, and undo brings it back", onclick: readAgain }, "Read this part anew")),
  );
}

/** A button for each panel that was found; null where there is one. Who reads blind says which it is and reads it by hand. */
function panelChoice() {
  const { panels = [], panel } = state.figure;
  if (panels.length < 2) return null;
  const choose = (name) => (state.started_from === "blind" ? edit("set_panel", { name }) : read(name, null));
  return html("div", { class: "row", role: "group", "aria-label": "Panels that were found" }, "Panels found:",
    panels.map((name) => html("button", { type: "button", class: "small", "data-key": `panel-${name}`, "aria-pressed": String(name === panel), disabled: locked() || name === panel, onclick: () => choose(name) }, name)));
}

const readAgain = () => read(state.figure.panel, state.figure.crop);

function read(panel, crop) {
  toast("Reading the figure. This takes some seconds.");
  send("/api/read", { panel, crop }).then((ok) => { if (ok) toast("The figure was read anew.", { undo: true }); });
}

// -------------------------------------------------------------------------------------------------------- pane: numbers

let focusedBox = null;

function kindOfCell(cell) {
  if (cell.by_hand) return { name: "by-hand", sign: "✎", words: "typed by hand" };
  if (cell.confidence === null || cell.confidence === undefined || cell.confidence >= SURE) return { name: "", sign: "", words: "read with confidence" };
  const percent = `read with confidence ${Math.round(cell.confidence * 100)}%`;
  return cell.confidence >= UNSURE ? { name: "middling", sign: "?", words: percent } : { name: "low", sign: "!", words: percent };
}

/** The part of the picture where a cell was read. */
function cutOut(box, words) {
  const canvas = html("canvas", { role: "img", "aria-label": words });
  const margin = 3;
  let [x, y, width, height] = [box[0] - margin, box[1] - margin, box[2] - box[0] + 2 * margin, box[3] - box[1] + 2 * margin];
  if (width > WIDEST_CELL * height) [x, width] = [x + (width - WIDEST_CELL * height) / 2, WIDEST_CELL * height];
  const scale = picture.width / state.picture.width;
  canvas.width = Math.max(Math.round(width * scale), 1);
  canvas.height = Math.max(Math.round(height * scale), 1);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, x * scale, y * scale, width * scale, height * scale, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function cellBox(row, column) {
  const cell = row.cells[column];
  const kind = kindOfCell(cell);
  const of = `${row.kind}, ${row.arm ? nameOf(row.arm) : "no arm"}, at ${shown(state.table.times[column])}`;
  const input = html("input", {
    value: shown(cell.value), inputmode: "numeric", autocomplete: "off", "data-key": `cell-${row.id}-${column}`, "data-row": row.id, "data-column": column, "aria-label": `${of}: ${kind.words}`, title: kind.words, disabled: locked(),
    onfocus: (event) => {
      event.target.select();
      focusedBox = cell.box;
      if (cell.box) showIfOutside([(cell.box[0] + cell.box[2]) / 2, (cell.box[1] + cell.box[3]) / 2]);
      drawFigure();
    },
    onblur: () => { focusedBox = null; drawChosen(); },
    onpaste: (event) => { // lines of a column become numbers with blanks between them, where a field would join them
      event.preventDefault();
      document.execCommand("insertText", false, event.clipboardData.getData("text").trim().replace(/\s+/g, " "));
    },
    onchange: (event) => {
      const values = event.target.value.trim().split(/[\s;]+/).map(typed);
      if (values.some(Number.isNaN)) return notANumber(event.target, render);
      return values.slice(0, row.cells.length - column).forEach((value, i) => edit("set_cell", { row: row.id, column: column + i, value }));
    },
  });
  return html("td", {}, html("div", { class: `cell ${kind.name}` }, html("span", { class: "cut" }, cell.box && picture ? cutOut(cell.box, `${of}, as printed`) : null), input, html("span", { class: "sign", "aria-hidden": "true" }, kind.sign)));
}

function timeBox(column) {
  return html("input", {
    value: shown(state.table.times[column]), inputmode: "decimal", autocomplete: "off", "aria-label": `Time of row ${column + 1} of the table`, "data-key": `time-${column}`, disabled: locked(),
    onchange: (event) => {
      const value = typed(event.target.value);
      if (value === null || Number.isNaN(value)) return notANumber(event.target, render);
      return edit("set_times", { times: state.table.times.map((time, i) => (i === column ? value : time)) });
    },
  });
}

function rowHead(row) {
  const change = (more) => edit("set_row", { row: row.id, arm: row.arm, kind: row.kind, ...more });
  const giveTo = (arm) => { // the arm's own column of this kind gets the arm of this one
    const own = arm && state.table.rows.find((one) => one.arm === arm && one.kind === row.kind && one.id !== row.id);
    if (own) edit("set_row", { row: own.id, arm: null, kind: own.kind });
    change({ arm });
    if (own && row.arm) edit("set_row", { row: own.id, arm: row.arm, kind: own.kind });
  };
  return html("th", { scope: "col" },
    html("select", { "aria-label": "Arm of this column", "data-key": `row-arm-${row.id}`, disabled: locked(), onchange: (event) => giveTo(event.target.value || null) },
      [["", "no arm"], ...arms().map((arm) => [arm.id, arm.name || "unnamed"])].map(([id, words]) => option(id, words, row.arm ?? ""))),
    html("select", { "aria-label": "What this column counts", "data-key": `row-kind-${row.id}`, disabled: locked(), onchange: (event) => change({ kind: event.target.value }) }, ROW_KINDS.map((kind) => option(kind, kind, row.kind))));
}

function renderTable() {
  const { times, rows } = state.table;
  const small = (label, words, key, run) => html("button", { type: "button", class: "small", "aria-label": words, title: words, "data-key": key, disabled: locked(), onclick: run }, label);
  const head = html("tr", {}, html("th", { scope: "col" }, "time"), rows.map(rowHead), html("td", {}));
  const foot = rows.length ? html("tr", {}, html("td", {}), rows.map((row) => html("td", {}, small("Remove", `Remove the column ${row.kind} of ${row.arm ? nameOf(row.arm) : "no arm"}`, `drop-${row.id}`, () => removeWithUndo("delete_row", { row: row.id }, "A column of the table was removed.")))), html("td", {})) : null;
  const body = times.map((time, column) => html("tr", {}, html("td", {}, timeBox(column)), rows.map((row) => cellBox(row, column)), html("td", {}, small("×", `Remove time ${shown(time)}`, `drop-time-${column}`, () => removeWithUndo("delete_column", { column }, `Time ${shown(time)} was removed from the table.`)))));
  const add = html("div", { class: "row" },
    html("label", { class: "field" }, "Add times", html("input", {
      class: "n", "aria-label": "Times to add to the table, with blanks between them", "data-key": "add-time", disabled: locked(), placeholder: "0 6 12",
      onchange: (event) => addTimes(event.target),
    })),
    small("Add numbers of an arm", "A column of numbers at risk for an arm", "add-row", addRow));
  return [
    html("h2", {}, "Table under the figure"),
    html("p", { class: "quiet" }, rows.length ? "Compare each number with its picture. Arms stand side by side here, times below each other. Several numbers with blanks between them fill a column downwards." : "No table was read. If the figure prints numbers at risk, add their times, then a column an arm."),
    times.length || rows.length ? html("div", { class: "scroll" }, html("table", { class: "cells" }, html("thead", {}, head), html("tbody", {}, body, foot))) : null,
    rows.length ? html("p", { class: "key row" }, [["low", "!", "read with little confidence"], ["middling", "?", "with some doubt"], ["by-hand", "✎", "typed by a person"]].map(([name, sign, words]) => html("span", { class: name }, html("span", { class: "sign" }, sign), ` ${words}`))) : null,
    add,
  ];
}

async function removeWithUndo(op, args, words) {
  if (await edit(op, args)) toast(words, { undo: true });
}

function addTimes(input) {
  const times = input.value.trim().split(/[\s;]+/).map(typed);
  if (times.some((time) => time === null || Number.isNaN(time))) return notANumber(input, () => {});
  input.value = "";
  times.forEach((time) => edit("add_column", { time }));
  return undefined;
}

async function addRow() {
  const without = arms().filter((arm) => !state.table.rows.some((row) => row.arm === arm.id && row.kind === "at risk"));
  const list = without.length ? without : arms();
  if (list.length < 2) return edit("add_row", { arm: list[0]?.id ?? null, kind: "at risk" });
  const arm = await chooseFrom("Numbers of which arm?", list.map((one) => ({ value: one, label: one.name || "unnamed arm", colour: colours.get(one.id) })));
  return arm && edit("add_row", { arm: arm.id, kind: "at risk" });
}

function statisticCard(one) {
  const set = (key, value) => edit("set_statistic", { statistic: one.id, [key]: value });
  const number = (label, key) => html("label", {}, label, html("input", {
    value: shown(one[key]), inputmode: "decimal", autocomplete: "off", "data-key": `${one.id}-${key}`, disabled: locked(),
    onchange: (event) => {
      const value = typed(event.target.value);
      return Number.isNaN(value) ? notANumber(event.target, render) : set(key, value);
    },
  }));
  const armChoice = (label, key) => select(label, [["", "not stated"], ...arms().map((arm) => [arm.id, arm.name || "unnamed"])], one[key], (value) => set(key, value || null), `${one.id}-${key}`, "half");
  const kinds = { ...QUANTITIES, [one.quantity]: QUANTITIES[one.quantity] ?? one.quantity.replaceAll("_", " ") };
  const two = OF_TWO_ARMS.has(one.quantity);
  return html("div", { class: "card" },
    one.text && html("blockquote", {}, `"${one.text}"`),
    html("div", { class: "statistic" },
      select("Quantity", Object.entries(kinds), one.quantity, (value) => set("quantity", value), `${one.id}-quantity`, "half"),
      select("Model", [["", "not stated"], ...MODELS.map((model) => [model, model])], one.model, (value) => set("model", value || null), `${one.id}-model`, "half"),
      select("is", [["", "exactly"], ["<", "less than"], [">", "more than"]], one.bound, (value) => set("bound", value || null), `${one.id}-bound`, ""),
      number("Value", "value"), number("Lower", "low"), number("Upper", "high"),
      two ? [armChoice("Of", "of"), armChoice("over", "over")] : armChoice("Arm", "arm"),
      AT_A_TIME.has(one.quantity) ? number("Time", "time") : null,
      number("Level", "level")),
    html("div", { class: "row" }, html("span", { class: "quiet" }, one.by_hand ? "✎ typed by a person" : "as read"), html("span", { class: "spacer" }),
      one.quantity === "survival_at" && one.value !== null && html("button", {
        type: "button", class: "small", disabled: locked(), "data-key": `deaths-${one.id}`, title: "The figure prints the share of deaths or events: survival is 1 minus it", onclick: () => edit("set_statistic", { statistic: one.id, ...ofDeaths(one) }),
      }, "It counts deaths"),
      html("button", { type: "button", class: "small", disabled: locked(), "data-key": `drop-${one.id}`, "aria-label": `Remove this ${kinds[one.quantity]}`, onclick: () => removeWithUndo("delete_statistic", { statistic: one.id }, "A printed statistic was removed.") }, "Remove")));
}

/** Survival, where a printed share is of deaths. */
function ofDeaths({ value, low, high }) {
  const survival = (share) => (share === null || share === undefined ? null : round(1 - share, 6));
  return { value: survival(value), ...(low !== null || high !== null ? { low: survival(high), high: survival(low) } : {}) };
}

async function addStatistic() {
  const quantity = await chooseFrom("Which printed statistic?", Object.entries(QUANTITIES).map(([value, label]) => ({ value, label })));
  if (quantity) edit("add_statistic", { quantity });
}

function renderNumbers() {
  byId("numbers").replaceChildren(
    ...renderTable().filter(Boolean),
    html("h2", {}, "Statistics printed in the figure"),
    ...state.statistics.map(statisticCard),
    html("button", { type: "button", class: "small", disabled: locked(), "data-key": "add-statistic", onclick: addStatistic }, "Add a statistic"),
  );
}

// --------------------------------------------------------------------------------------------------------- pane: result

function renderGrade() {
  const grade = result?.grade?.grade;
  byId("grade").textContent = grade ? `reading: ${grade}` : "";
  byId("grade").className = `chip ${grade ?? ""}`;
}

/** The part of the frame that curves and calibration lines take: plots of the result end where the axis does. */
function plotted() {
  const [x0, y0, x1, y1] = state.frame;
  const ends = [...arms().map((arm) => arm.corners.at(-1)?.[0] ?? x0), ...state.axes.time.handles.map((handle) => handle.pixel)];
  return [x0, y0, Math.min(x1, Math.max(...ends)), y1];
}

function plotOfCurves() {
  const [x0, y0, x1, y1] = plotted();
  const [width, height] = [x1 - x0, y1 - y0];
  const box = `${x0 - width * 0.08} ${y0 - height * 0.03} ${width * 1.1} ${height * 1.12}`;
  const plot = svg("svg", { class: "plot", viewBox: box, role: "img", "aria-label": "Rebuilt curves as lines over the corners that were read, as points" });
  plot.append(svg("path", { d: `M${x0} ${y0}V${y1}H${x1}`, class: "zero", fill: "none" }));
  const words = (x, y, anchor, value) => {
    if (value === null) return;
    const label = svg("text", { x, y, "text-anchor": anchor });
    label.textContent = shown(round(value, 2));
    plot.append(label);
  };
  const size = (x1 - x0) / 34;
  plot.style.fontSize = `${size}px`;
  words(x0 - size / 3, y0 + size / 2, "end", valueAt("survival", y0));
  words(x0 - size / 3, y1, "end", valueAt("survival", y1));
  words(x0, y1 + 1.2 * size, "middle", valueAt("time", x0));
  words(x1, y1 + 1.2 * size, "end", valueAt("time", x1));
  for (const arm of result.arms) {
    const read = armOf(arm.id);
    const stroke = colours.get(arm.id) ?? "#444";
    if (read) plot.append(svg("path", { d: dotsPath(read.corners), class: "dots", stroke }));
    if (arm.curve) plot.append(svg("path", { d: stepPath(arm.curve), class: "arm", stroke }));
  }
  return plot;
}

function plotOfResiduals() {
  const [x0, , x1] = plotted();
  const largest = Math.max(0.005, ...result.arms.flatMap((arm) => (arm.residuals ?? []).map(([, d]) => Math.abs(d))));
  const height = 90;
  const width = 400;
  const at = ([x, d]) => `${((x - x0) / (x1 - x0)) * width} ${height / 2 - (d / largest) * (height / 2 - 14)}`;
  const plot = svg("svg", { class: "plot", viewBox: `-4 0 ${width + 8} ${height}`, role: "img", "aria-label": `Rebuilt minus read survival over time; the largest is ${largest.toFixed(3)}` });
  plot.append(svg("path", { d: `M0 ${height / 2}H${width}`, class: "zero" }));
  for (const arm of result.arms) {
    const d = (arm.residuals ?? []).map((one) => `M${at(one)}h0`).join("");
    plot.append(svg("path", { d, class: "dots", stroke: colours.get(arm.id) ?? "#444" }));
  }
  for (const [y, words] of [[12, `+${largest.toFixed(3)}`], [height - 4, `−${largest.toFixed(3)}`]]) {
    const text = svg("text", { x: 2, y });
    text.textContent = words;
    plot.append(text);
  }
  return plot;
}

function tableAtRisk() {
  const list = result.arms.filter((arm) => arm.at_risk?.length);
  if (!list.length) return null;
  const times = [...new Set(list.flatMap((arm) => arm.at_risk.map((one) => one.time)))].sort((a, b) => a - b);
  const cell = (arm, time) => {
    const one = arm.at_risk.find((entry) => entry.time === time);
    if (!one) return html("td", {});
    const differs = one.printed !== null && one.rebuilt !== null && (one.printed < (one.low ?? one.rebuilt) || one.printed > (one.high ?? one.rebuilt));
    return html("td", { class: differs ? "differs" : "" }, differs ? `${one.rebuilt} ≠ ${one.printed} printed` : shown(one.rebuilt ?? one.printed));
  };
  return html("div", { class: "scroll" }, html("table", { class: "result-table" },
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "time"), list.map((arm) => html("th", { scope: "col" }, nameOf(arm.id))))),
    html("tbody", {}, times.map((time) => html("tr", {}, html("th", { scope: "row" }, shown(time)), list.map((arm) => cell(arm, time)))))));
}

function summaryOfArms() {
  return html("table", { class: "result-table" },
    html("thead", {}, html("tr", {}, ["arm", "N", "events", "mean |dS|", "largest"].map((words) => html("th", { scope: "col" }, words)))),
    html("tbody", {}, result.arms.map((arm) => html("tr", {}, html("th", { scope: "row" }, nameOf(arm.id)), arm.error
      ? html("td", { colspan: 4 }, said(arm.error))
      : [html("td", {}, shown(arm.n)), html("td", {}, arm.events_interval && arm.events_interval[0] !== arm.events_interval[1] ? `${arm.events} (${arm.events_interval[0]} to ${arm.events_interval[1]})` : shown(arm.events)), html("td", {}, arm.residual_mean?.toFixed(4) ?? ""), html("td", {}, arm.residual_largest?.toFixed(4) ?? "")]))));
}

/** A difference to the automatic reading in words; null for what goes along with another one. */
function inWords(difference) {
  const [, place, change] = /^([^:]+): (.*)$/.exec(difference) ?? [null, difference, ""];
  if (/\.(confidence|by_hand|n_source|name_source|residual|resolution|ticks|source)$/.test(place)) return null;
  const changed = change.replaceAll("None", "nothing");
  const cell = /^table\.rows\.(\w+)\.cells\[(\d+)\]\.value$/.exec(place);
  const row = cell && state.table.rows.find((one) => one.id === cell[1]);
  if (row) return `${row.kind}, ${row.arm ? nameOf(row.arm) : "no arm"} at ${shown(state.table.times[Number(cell[2])])}: ${changed}`;
  const arm = /^arms\.(\w+)(?:\.(\w+))?/.exec(place);
  if (arm && arm[2]) return `${nameOf(arm[1])}, ${arm[2]}: ${changed}`;
  const handle = /^(time|survival)_axis\.handles\[(\d+)\]\.(\w+)$/.exec(place);
  if (handle) return `${handle[1]} axis, line ${Number(handle[2]) + 1}, ${handle[3]}: ${changed}`;
  return `${place.replaceAll("_", " ")}: ${changed}`;
}

const said = ({ where, rule, got, advice }) => `${[where, rule].filter(Boolean).join(": ")}${got ? `; got ${got}` : ""}${advice ? `. To do: ${advice}` : ""}`;

/** What is compared with the paper, once the reader has accepted; arms are named here as the record names them. */
function acceptedPart() {
  const { accepted } = result;
  if (!accepted) {
    return html("div", { class: "hidden-result" }, html("strong", {}, "Hidden until you accept"),
      html("p", {}, "The hazard ratio of the rebuilt patients, how far it is from the printed one, and the verdict. So corrections are made by what the picture shows, not towards the paper's result."));
  }
  if (accepted.error) return html("p", { class: "problem" }, said(accepted.error));
  const checks = accepted.checks ?? [];
  const ratio = ({ value, low, high }) => (value === null ? "not estimable" : `${value.toFixed(3)} (${low?.toFixed(2)} to ${high?.toFixed(2)})`);
  const grade = accepted.reading ?? accepted.grade;
  return html("div", {},
    (accepted.contrasts ?? []).map((one) => html("p", {}, html("strong", {}, `Hazard ratio ${ratio(one.hazard_ratio)}`), ` of ${armOf(one.of)?.name ?? one.of} over ${armOf(one.over)?.name ?? one.over}`)),
    checks.length ? html("div", { class: "scroll" }, html("table", { class: "result-table" },
      html("thead", {}, html("tr", {}, ["printed", "value", "rebuilt", "verdict"].map((words) => html("th", { scope: "col" }, words)))),
      html("tbody", {}, checks.map((one) => html("tr", {}, html("th", { scope: "row" }, one.label ?? String(one.quantity).replaceAll("_", " ")), html("td", {}, printedValue(one.published ?? one.printed)), html("td", {}, text(one.obtained)), html("td", {}, html("strong", {}, text(one.verdict)), one.note ? `: ${one.note}` : "")))))) : html("p", { class: "quiet" }, "The figure prints nothing to compare with."),
    grade?.against_print && html("p", {}, `Against the printed results the reading is ${grade.against_print}.`));
}

function printedValue(value) {
  if (value?.less_than !== undefined) return `< ${text(value.less_than)}`;
  if (value?.more_than !== undefined) return `> ${text(value.more_than)}`;
  return text(value);
}

const text = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value));

function renderResult() {
  const pane = byId("result");
  const problems = state.problems.map((one) => html("p", { class: "problem" }, said(one)));
  const parts = [html("h2", {}, "Rebuilt from this reading")];
  const failed = result?.failed ?? result?.error;
  if (!result || failed) parts.push(html("p", { class: "quiet" }, failed ? (problems.length ? "Cannot be rebuilt before that." : `Cannot be rebuilt yet: ${said(failed)}`) : "Rebuilding..."));
  else {
    parts.push(
      resultStale ? html("p", { class: "quiet", role: "status" }, "Rebuilding after the last edit...") : null,
      html("p", {}, html("strong", {}, `Reading: ${result.grade?.grade ?? "not judged"}. `), html("span", { class: "quiet" }, "By what must hold inside the figure alone.")),
      result.remarks?.length ? html("ul", {}, result.remarks.map((remark) => html("li", {}, remark))) : null,
      result.grade?.reasons?.length ? html("ul", {}, result.grade.reasons.map((reason) => html("li", {}, reason))) : null,
      plotOfCurves(), html("p", { class: "key" }, "Points: corners as read. Lines: rebuilt patients."),
      check("also over the figure (o)", showRebuilt, (on) => { showRebuilt = on; drawArms(); }, "show-rebuilt"),
      summaryOfArms(), html("p", { class: "quiet" }, `A quick look, ranges of ${result.draws} draws that differ too little. Accepting rebuilds in full.`),
      html("h3", {}, "Rebuilt minus read survival"), plotOfResiduals(),
      html("h3", {}, "Numbers at risk"), tableAtRisk() ?? html("p", { class: "quiet" }, "None are printed."),
      html("h3", {}, "What a person changed"),
      result.differences === null ? html("p", { class: "quiet" }, "Read blind: there is nothing to compare with.")
        : result.differences?.length ? html("ul", {}, result.differences.map(inWords).filter(Boolean).map((words) => html("li", {}, words))) : html("p", { class: "quiet" }, "Nothing: this is the automatic reading."),
      html("h2", {}, "Against what the paper prints"), acceptedPart());
  }
  const focused = keepFocus(pane);
  pane.replaceChildren(...problems, ...parts.filter(Boolean));
  focused();
}

async function accept() {
  if (locked()) return;
  if (state.problems.length) { openTab("result"); toast(said(state.problems[0]), { error: true }); return; }
  sendGathered();
  // An edit on its way that is refused (which is said) ends it: nothing is accepted without it.
  if (waiting && (await queue) === false) return;
  const open = openDoubts();
  toast("Rebuilding with all draws...");
  const ok = await send("/api/accept", {}, (got) => { result = got; });
  if (!ok) return;
  resultStale = false;
  clearTimeout(resultTimer);
  take(await ask("GET", "/api/state"));
  clearTimeout(resultTimer);
  resultStale = false;
  openTab("result");
  renderResult();
  toast(open ? `Accepted and written, with ${open} doubts not settled.` : "Accepted and written.");
}

// ------------------------------------------------------------------------------------------------------------- all panes

/** Remember the field that has the focus, and what is being typed in it, across a new drawing of a pane. */
function keepFocus(pane) {
  const had = document.activeElement;
  if (!had || !pane.contains(had) || !had.dataset.key) return () => {};
  const { key } = had.dataset;
  const unsent = had.tagName === "INPUT" && had.type !== "checkbox" && had.value !== had.defaultValue && had.dataset.typing ? had.value : null;
  return () => {
    const now = pane.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!now) return figure.focus();
    now.focus();
    if (unsent !== null) { now.value = unsent; now.dataset.typing = "1"; now.setSelectionRange?.(unsent.length, unsent.length); }
    return undefined;
  };
}

function renderSaved() {
  if (!state) return;
  const edits = `${state.edits} ${state.edits === 1 ? "edit" : "edits"}`;
  byId("saved").dataset.waiting = waiting + (gathered ? 1 : 0);
  byId("saved").textContent = waiting ? "Saving..." : state.read_only ? "Read-only" : state.accepted !== null ? `Accepted, saved (${edits})` : `Saved (${edits})`;
}

function renderHead() {
  byId("figure-name").textContent = state.figure.name + (state.figure.panel ? `, panel ${state.figure.panel}` : "");
  const automatic = state.figure.message ? "by hand: nothing was read" : "from the automatic reading";
  const from = { blind: "read blind", automatic, agreement: "consensus of two readers" }[state.started_from] ?? state.started_from;
  byId("reader").textContent = `${state.reader && state.reader !== "reader" ? `reader ${state.reader}, ` : ""}${from}`;
  byId("undo").disabled = locked() || !state.can_undo;
  byId("redo").disabled = locked() || !state.can_redo;
  byId("accept").disabled = locked() || state.accepted !== null;
  byId("accept").textContent = state.accepted !== null ? "Accepted" : "Accept this reading";
  const banner = byId("banner");
  banner.hidden = !state.read_only;
  banner.textContent = "This figure is open in another tab, which is the one that edits. This tab shows what happens there and takes over when that one is closed.";
}

function renderSelected() {
  const bar = byId("selected");
  const button = (label, key, run) => html("button", { type: "button", class: "small", disabled: locked(), onclick: () => { run(); figure.focus(); } }, `${label} `, html("kbd", {}, key));
  let parts = null;
  if (chosen?.kind === "corner") parts = [`Corner ${chosen.index + 1} of ${nameOf(chosen.arm)}: ${placeInWords(armOf(chosen.arm).corners[chosen.index])}`, button("Delete", "Del", OF_CHOSEN.remove)];
  if (chosen?.kind === "marks") parts = [`Mark of ${nameOf(chosen.arm)}`, button("Delete", "Del", OF_CHOSEN.remove), button("Give to another arm", "g", OF_CHOSEN.giveMarks)];
  if (chosen?.kind === "stretch") parts = [`Stretch of ${nameOf(chosen.arm)}`, button("Give to another arm", "g", OF_CHOSEN.give), button("Give its marks", "G", OF_CHOSEN.giveMarks), button("Delete its marks", "Del", OF_CHOSEN.remove)];
  if (chosen?.kind === "handle") parts = [`${chosen.axis === "time" ? "Time" : "Survival"} line ${chosen.index + 1}`, button("Delete", "Del", OF_CHOSEN.remove)];
  if (clicks.length && tool !== "crop") parts = [`${clicks.length} ${clicks.length === 1 ? "click" : "clicks"} along the curve`, button("Done", "Enter", finishLine), button("Give up", "Esc", () => choose("move"))];
  bar.hidden = !parts;
  byId("hint-text").hidden = Boolean(parts);
  if (parts) bar.replaceChildren(...parts);
}

function render() {
  if (!state) return;
  const focused = [byId("curves"), byId("numbers"), byId("doubts")].map(keepFocus);
  colours = coloursOf(arms());
  renderHead();
  renderSaved();
  renderDoubts();
  renderCurves();
  renderNumbers();
  renderResult();
  renderSelected();
  renderGrade();
  for (const one of TOOLS) {
    byId(`tool-${one.id}`).setAttribute("aria-pressed", String(one.id === tool));
    byId(`tool-${one.id}`).disabled = locked() && one.id !== "move";
  }
  const nothing = tool === "move" && !arms().length;
  byId("hint-text").textContent = nothing ? "No curve yet. Begin with the time axis: press a, and click on one of its ticks." : TOOLS.find((one) => one.id === tool).hint;
  figure.classList.toggle("can-grab", tool === "move");
  drawFigure();
  focused.forEach((restore) => restore());
}

const TABS = ["curves", "numbers", "result"];

function openTab(name) {
  for (const one of TABS) {
    const tab = byId(`tab-${one}`);
    tab.setAttribute("aria-selected", String(one === name));
    tab.tabIndex = one === name ? 0 : -1;
    byId(one).hidden = one !== name;
  }
}

// --------------------------------------------------------------------------------------------------- dialogs and messages

let toastTimer = 0;

function toast(words, { error = false, undo = false } = {}) {
  const box = byId("toast");
  box.replaceChildren(words, ...(undo ? [html("button", { type: "button", onclick: () => { box.hidden = true; step("undo"); } }, "Undo")] : []));
  box.classList.toggle("error", error);
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, error ? 12000 : 6000);
}

function openDialog(content) {
  const dialog = byId("dialog");
  dialog.replaceChildren(content);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.returnValue = "";
  });
}

/** Ask for one or more values; null where the reader gives up. */
async function askFor(title, fields) {
  const inputs = fields.map((one) => html("input", { id: `ask-${one.id}`, value: one.value ?? "", inputmode: one.number ? "decimal" : "text", autocomplete: "off", required: true }));
  const form = html("form", { method: "dialog" }, html("h2", {}, title), fields.map((one, i) => html("label", {}, `${one.label} `, inputs[i])),
    html("div", { class: "row" }, html("button", { value: "ok", class: "primary" }, "OK"), html("button", { value: "", type: "button", onclick: () => byId("dialog").close("") }, "Cancel")));
  form.addEventListener("submit", (event) => { // what is no number is asked for again, and the click is not lost
    const wrong = inputs.find((input, i) => fields[i].number && Number.isNaN(typed(input.value)));
    if (!wrong) return;
    event.preventDefault();
    wrong.setCustomValidity("Type a number.");
    wrong.reportValidity();
  });
  inputs.forEach((input) => input.addEventListener("input", () => input.setCustomValidity("")));
  const done = openDialog(form);
  inputs[0].focus();
  inputs[0].select();
  if ((await done) !== "ok") return null;
  const values = Object.fromEntries(fields.map((one, i) => [one.id, one.number ? typed(inputs[i].value) : inputs[i].value.trim()]));
  return values;
}

/** Choose one of several by a click or its number; undefined where the reader gives up. */
async function chooseFrom(title, choices) {
  const dialog = byId("dialog");
  const buttons = choices.map((one, i) => {
    const swatch = one.colour ? html("span", { class: "swatch" }) : null;
    if (swatch) swatch.style.borderColor = one.colour;
    return html("button", { type: "button", onclick: () => dialog.close(String(i)) }, html("kbd", {}, String(i + 1)), swatch, one.label);
  });
  const byNumber = (event) => { if (buttons[Number(event.key) - 1]) { event.preventDefault(); dialog.close(String(Number(event.key) - 1)); } };
  const box = html("div", { onkeydown: byNumber }, html("h2", {}, title), html("div", { class: "choices" }, buttons), html("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"));
  const done = openDialog(box);
  buttons[0].focus();
  const answer = await done;
  return answer === "" ? undefined : choices[Number(answer)].value;
}

const HELP = [
  ["Walk through", [["n / p", "next doubt, doubt before"], ["y", "this doubt is settled"], ["Ctrl+Z, Ctrl+Y", "undo, redo (every step, also deleting)"], ["F6", "figure, tabs, tools in turn"], ["Esc", "give up, back to the figure"], ["?", "this help"]]],
  ["See", [["wheel, + / -", "zoom"], ["0", "whole picture"], ["drag", "on the ground: move the picture"], ["o", "rebuilt curves over the figure"]]],
  ["Correct a curve", [["v", "move: drag corners, steps, levels, marks"], ["i", "add a missing step by a click"], ["Del", "delete what is selected, or the arm in hand"], ["r", "redraw a stretch by clicks, Enter"], ["x", "two arms change names after a click"], ["Shift+drag, g", "select a stretch, give it to another arm"], ["k / j", "split an arm, join two"], ["m", "add a censoring mark"], ["g", "give marks of the arm in hand to another arm"]]],
  ["Start by hand", [["a / s", "a line of the time or survival axis: click a tick, type its value"], ["t", "new arm: click along it, Enter"], ["c", "crop: drag a box, or click two corners"]]],
  ["Without a mouse", [["arrows", "move the cursor, or what is selected"], ["Shift, Alt", "with arrows: ten times as far, a tenth"], ["Space", "click at the cursor"], ["1 to 9", "take an arm in hand"], [", / .", "corner before, next corner"], ["[ / ]", "a stretch begins, ends at the cursor or corner"], ["Tab", "fields, buttons, axis values and their grips"]]],
];

function buildHelp() {
  byId("help").append(
    html("h2", { id: "help-title" }, "Check and correct a reading"),
    html("p", {}, "Lines over the picture are what was read. Go through the doubts, compare each number with its picture, correct what is wrong, and accept. Every step is saved at once and can be undone. Nothing leaves this computer."),
    html("div", { class: "columns" }, HELP.map(([title, keys]) => html("section", {}, html("h3", {}, title), html("dl", {}, keys.map(([key, words]) => [html("dt", {}, html("kbd", {}, key)), html("dd", {}, words)]))))),
    html("form", { method: "dialog" }, html("button", { class: "primary" }, "Close")));
}

// ----------------------------------------------------------------------------------------------------------------- keys

function step(which) {
  sendGathered();
  if (!locked()) send(`/api/${which}`, {});
}

function moveByKey(event, [dx, dy]) {
  const far = farther(event);
  if (chosen?.kind === "corner" && tool === "move" && !locked()) {
    const { arm: id, index } = chosen;
    const arm = armOf(id);
    const [x, y] = arm.corners[index];
    arm.corners[index] = stopAtLimits(arm.corners, index, x + dx * NUDGE * far, y + dy * NUDGE * far);
    later(`corner ${id} ${index}`, () => { const [nx, ny] = armOf(id).corners[index]; edit("move_corner", { arm: id, index, x: nx, y: ny }); });
    showIfOutside(arm.corners[index]);
    drawFigure();
    drawLoupe(arm.corners[index]);
    return renderSelected();
  }
  if (chosen?.kind === "marks" && chosen.indices.length === 1 && dx && !locked()) {
    const { arm: id, indices: [index] } = chosen;
    const arm = armOf(id);
    arm.marks[index] = clamp(arm.marks[index] + dx * NUDGE * far, arm.corners[0][0], arm.corners.at(-1)[0]);
    later(`mark ${id} ${index}`, () => edit("move_mark", { arm: id, index, x: arm.marks[index] }));
    return drawFigure();
  }
  cursor ??= toPicture(...paneSize().map((side) => side / 2));
  cursor = [cursor[0] + (dx * CURSOR_STEP * far) / view.k, cursor[1] + (dy * CURSOR_STEP * far) / view.k];
  showIfOutside(cursor);
  byId("place").textContent = placeInWords(cursor);
  drawLoupe(cursor);
  return drawFigure();
}

function stepCorner(by) {
  const arm = inHand() ?? arms()[0];
  if (!arm?.corners.length) return;
  active = arm.id;
  const at = chosen?.kind === "corner" && chosen.arm === arm.id ? chosen.index + by : by > 0 ? 0 : arm.corners.length - 1;
  sendGathered();
  chosen = { kind: "corner", arm: arm.id, index: clamp(at, 0, arm.corners.length - 1) };
  cursor = null;
  showIfOutside(arm.corners[chosen.index]);
  render();
}

function stretchEnd(which) {
  const arm = inHand() ?? armFor(cursor ?? state.frame.slice(0, 2));
  if (!arm) return;
  active = arm.id;
  const x = chosen?.kind === "corner" ? arm.corners[chosen.index]?.[0] : cursor?.[0];
  if (x === undefined) { toast("Move the cursor with the arrow keys first."); return; }
  const old = chosen?.kind === "stretch" ? chosen : { from: arm.corners[0][0], to: arm.corners.at(-1)[0] };
  chosen = { kind: "stretch", arm: arm.id, from: which === "from" ? x : old.from, to: which === "to" ? x : old.to };
  if (chosen.from > chosen.to) [chosen.from, chosen.to] = [chosen.to, chosen.from];
  render();
}

/** Space: a click at the keyboard's cursor. */
function clickAtCursor() {
  const place = cursor;
  if (!place) return toast("Move the cursor with the arrow keys first.");
  return clicked({ start: place, hit: null, kind: "click" });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const KEYS = {
  n: () => nextDoubt(1), p: () => nextDoubt(-1), y: () => resolveDoubt(), "?": () => byId("help").showModal(),
  "+": () => zoom(ZOOM_STEP), "=": () => zoom(ZOOM_STEP), "-": () => zoom(1 / ZOOM_STEP), 0: () => { fit(); drawFigure(); },
  o: () => { showRebuilt = !showRebuilt; render(); }, g: () => OF_CHOSEN.give(), G: () => OF_CHOSEN.giveMarks(), j: () => OF_CHOSEN.join(),
  ",": () => stepCorner(-1), ".": () => stepCorner(1), "[": () => stretchEnd("from"), "]": () => stretchEnd("to"),
  Delete: () => OF_CHOSEN.remove(),
  Backspace: () => { if (clicks.length) { clicks.pop(); renderSelected(); drawPreview(); } else OF_CHOSEN.remove(); },
  Enter: () => { if (clicks.length && tool !== "crop") finishLine(); },
  Escape: () => { if (tool !== "move") choose("move"); else { chosen = null; cursor = null; drawLoupe(null); render(); } },
  ...Object.fromEntries(TOOLS.map((one) => [one.key, () => { if (!locked()) choose(one.id); }])),
};
const CHANGES = new Set(["y", "g", "G", "j", "Delete", "Backspace", "Enter"]);
const FROM_NUMBERS = new Set(["n", "p", "?", "y"]); // letters that no number holds work in fields of numbers too

function enterInField(event) {
  const field = event.target;
  const { row, column } = field.dataset;
  const next = row && document.querySelector(`[data-row="${row}"][data-column="${Number(column) + 1}"]`);
  if (next) next.focus();
  else figure.focus();
}

function keyPressed(event) {
  if (!state || document.querySelector("dialog[open]")) return;
  if (drag && event.key === "Escape") { drag = null; drawLoupe(null); figure.classList.remove("panning"); render(); return; }
  const { target } = event;
  const field = target.matches("input:not([type=checkbox]):not([type=range]), select");
  const command = event.ctrlKey || event.metaKey;
  if (command && "zyZY".includes(event.key) && !(field && target.dataset.typing)) {
    event.preventDefault();
    step(event.key === "z" ? "undo" : "redo");
    return;
  }
  if (event.key === "F6") { event.preventDefault(); nextPlace(event.shiftKey ? -1 : 1); return; }
  if (command) return;
  if (field) {
    if (event.key === "Enter" && target.tagName === "INPUT") { event.preventDefault(); enterInField(event); return; }
    if (event.key === "Escape") { target.value = target.defaultValue; delete target.dataset.typing; figure.focus(); return; }
    if (!(FROM_NUMBERS.has(event.key) && target.matches("[inputmode=numeric], [inputmode=decimal]"))) return;
    target.blur();
  }
  if (target.getAttribute("role") === "tab" && ["ArrowLeft", "ArrowRight"].includes(event.key)) { tabByKey(event); return; }
  if (event.key in ARROWS && target === figure) { event.preventDefault(); moveByKey(event, ARROWS[event.key]); return; }
  if (event.key === " " && target === figure) { event.preventDefault(); clickAtCursor(); return; }
  if (target !== figure && ["Enter", " ", "Backspace"].includes(event.key)) return;
  if (/^[1-9]$/.test(event.key) && arms()[Number(event.key) - 1]) { active = arms()[Number(event.key) - 1].id; chosen = null; render(); return; }
  const run = KEYS[event.key];
  if (!run || (locked() && CHANGES.has(event.key))) return;
  event.preventDefault();
  sendGathered();
  if (TOOLS.some((one) => one.key === event.key)) figure.focus();
  run();
}

function tabByKey(event) {
  const at = TABS.findIndex((one) => event.target.id === `tab-${one}`);
  const next = TABS[(at + (event.key === "ArrowRight" ? 1 : TABS.length - 1)) % TABS.length];
  openTab(next);
  byId(`tab-${next}`).focus();
}

function nextPlace(by) {
  const open = TABS.find((one) => !byId(one).hidden);
  const places = [figure, byId(`tab-${open}`), byId("tool-move")];
  const at = places.findIndex((one) => one === document.activeElement || byId("side").contains(document.activeElement) && one.id.startsWith("tab-"));
  places[(at + by + places.length) % places.length].focus();
}

// ----------------------------------------------------------------------------------------------------------------- start

function listen() {
  figure.addEventListener("pointerdown", pressed);
  figure.addEventListener("pointermove", movedPointer);
  figure.addEventListener("pointerup", released);
  figure.addEventListener("pointercancel", () => { drag = null; render(); });
  figure.addEventListener("pointerleave", () => { if (!drag) drawLoupe(null); });
  figure.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = figure.getBoundingClientRect();
    zoom(ZOOM_STEP ** -Math.sign(event.deltaY), [event.clientX - box.left, event.clientY - box.top]);
  }, { passive: false });
  document.addEventListener("keydown", keyPressed);
  document.addEventListener("focusin", (event) => { if (event.target.matches("input:not([type])")) event.target.select(); });
  document.addEventListener("input", (event) => { event.target.dataset.typing = "1"; });
  document.addEventListener("change", (event) => { delete event.target.dataset.typing; });
  byId("undo").addEventListener("click", () => step("undo"));
  byId("redo").addEventListener("click", () => step("redo"));
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("accept").addEventListener("click", accept);
  TABS.forEach((one) => byId(`tab-${one}`).addEventListener("click", () => openTab(one)));
  let width = 0;
  new ResizeObserver(() => { if (state && paneSize()[0] !== width) { [width] = paneSize(); if (picture) { fit(); drawFigure(); } } }).observe(figure);
  document.addEventListener("visibilitychange", sendGathered);
  addEventListener("pagehide", () => navigator.sendBeacon(`/api/release?client=${client}`));
}

async function start() {
  if (location.search) history.replaceState(null, "", "/");
  buildFigure();
  buildTools();
  buildHelp();
  listen();
  try {
    take(await ask("GET", "/api/state"));
  } catch (error) {
    toast(error.status === 403 ? "This address lacks its token: open the one that survrecon review printed." : "The server does not answer.", { error: true });
    return;
  }
  setInterval(alive, ALIVE_EVERY);
  await newestCurve;
  document.documentElement.dataset.ready = "1";
}

start();
