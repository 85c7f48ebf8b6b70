// The page: a stage on which everyone of the stream moves, as a stick figure or an avatar.

import {
  AmbientLight, Color, DirectionalLight, GridHelper, PerspectiveCamera, Scene, Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

import { Avatar } from "./avatar.js";
import { Figure } from "./figure.js";
import { Stream } from "./stream.js";

const COLOURS = [0x6aa9ff, 0x6fd08c, 0xd58cff, 0xffd166].map((c) => new Color(c));
const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

// ?server=ws://192.168.1.5:8765&token=... listens to another computer
const query = new URLSearchParams(location.search);
const address = new URL(query.get("server") ?? "ws://127.0.0.1:8765");
if (query.has("token")) address.searchParams.set("token", query.get("token"));
const stream = new Stream(address.href);

const renderer = new WebGLRenderer({ antialias: true });
document.body.append(renderer.domElement);
const scene = new Scene();
scene.background = new Color(0x20242b);
const sun = new DirectionalLight(0xffffff, 2.5);
sun.position.set(1, 2, 2);
scene.add(new AmbientLight(0xffffff, 1.2), sun, new GridHelper(8, 16, 0x5a6270, 0x343a44));
// people at rest face +Z, so the camera stands there
const camera = new PerspectiveCamera(35, 1, 0.05, 100);
camera.position.set(1.2, 1.5, 4.6);
const controls = new OrbitControls(camera, renderer.domElement);
controls.target.set(0, 0.9, 0);

const figures = new Map(); // by person id
const avatars = new Map();
let file = null; // of the avatar that was dropped

function remove(bodies, id) {
  bodies.get(id)?.removeFromParent();
  bodies.get(id)?.dispose();
  bodies.delete(id);
}

/** Begin anew with the people of the stream, who may have changed in size. */
function recast() {
  for (const id of [...figures.keys()]) remove(figures, id);
  for (const [id, skeleton] of stream.skeletons) {
    const figure = new Figure(skeleton, COLOURS[id % COLOURS.length]);
    figures.set(id, figure);
    scene.add(figure);
  }
  for (const id of [...avatars.keys()]) if (!stream.skeletons.has(id)) remove(avatars, id);
  void dress();
}

/** Give an avatar to everyone who has none. */
async function dress() {
  const worn = file;
  for (const id of stream.skeletons.keys()) {
    if (worn === null || avatars.has(id)) continue;
    try {
      const avatar = await Avatar.load(worn.slice(0));
      if (worn !== file || avatars.has(id) || !stream.skeletons.has(id)) {
        avatar.dispose(); // overtaken while it was loading
        continue;
      }
      avatars.set(id, avatar);
      scene.add(avatar);
    } catch (error) {
      show("message", `the avatar cannot be shown: ${error.message}`);
      return;
    }
  }
}

async function drop(dropped) {
  file = await dropped.arrayBuffer();
  for (const id of [...avatars.keys()]) remove(avatars, id);
  show("message", "");
  await dress();
}

/** Put everyone where the newest frame says. */
function pose(seconds) {
  const people = new Map((stream.frame?.people ?? []).map((person) => [person.id, person]));
  for (const [id, figure] of figures) {
    const person = people.get(id);
    const avatar = avatars.get(id);
    figure.visible = person !== undefined && avatar === undefined;
    if (avatar) avatar.visible = person !== undefined;
    if (!person) continue;
    if (avatar) {
      avatar.update(stream.skeletons.get(id), person);
      avatar.swing(seconds);
    } else {
      figure.update(person);
    }
  }
  follow([...people.values()]);
}

/** Keep people in the middle, gently. */
function follow(people) {
  if (people.length === 0) return;
  const middle = new Vector3();
  for (const { root } of people) middle.add(new Vector3(root[0], 0, root[2]));
  middle.divideScalar(people.length);
  const step = middle.sub(new Vector3(controls.target.x, 0, controls.target.z));
  step.multiplyScalar(0.05);
  controls.target.add(step);
  camera.position.add(step);
}

let before = 0;
renderer.setAnimationLoop((time) => {
  pose(Math.min((time - before) / 1000, 0.1)); // not the hours of a page that was hidden
  before = time;
  controls.update();
  renderer.render(scene, camera);
});

function fit() {
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  renderer.setSize(innerWidth, innerHeight);
  camera.aspect = innerWidth / innerHeight;
  camera.updateProjectionMatrix();
}
addEventListener("resize", fit);
fit();

let counted = 0;
setInterval(() => {
  const fps = stream.received - counted;
  counted = stream.received;
  const late = stream.latency === null ? "–" : `${Math.round(1000 * stream.latency)} ms old`;
  const people = (stream.frame?.people ?? []).map(({ id, state }) => `person ${id} ${state}`);
  const who = people.length ? people.join(", ") : "nobody on stage";
  show("figures", stream.state === "connected" ? `${fps} fps · ${late} · ${who}` : "");
}, 1000);

stream.addEventListener("change", () => {
  const shown = stream.state === "connected" ? stream.server : stream.state;
  document.getElementById("state").className = stream.state;
  show("state", stream.status?.recording ? `${shown} · recording` : shown);
});
stream.addEventListener("cast", recast);
stream.addEventListener("message", ({ detail }) => show("message", detail));

addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", () => document.body.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  const [dropped] = event.dataTransfer.files;
  if (dropped) void drop(dropped);
});
