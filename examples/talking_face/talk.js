// Loads a model and a mouth track that lipsmith wrote, and plays them with the track's sound.

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

const asked = new URLSearchParams(location.search);
const files = {
  model: asked.get("model") ?? "face.glb",
  sound: asked.get("sound") ?? "talk.webm",
  blendshapes: asked.get("blendshapes") ?? "talk.csv",
  visemes: asked.get("visemes") ?? "talk.json",
};

// The track says "ih", models say "viseme_I".
const spelt = { ih: "I", oh: "O", ou: "U" };
const blendInSeconds = 0.06;

const form = document.querySelector("form");
const sound = document.querySelector("audio");
const told = document.querySelector("output");

try {
  const [model, rows, visemes, spoken] = await Promise.all([
    new GLTFLoader().loadAsync(files.model),
    load(files.blendshapes).then((answer) => answer.text()).then(parseBlendshapes),
    load(files.visemes).then((answer) => answer.json()),
    load(files.sound).then((answer) => answer.blob()),
  ]);
  sound.src = URL.createObjectURL(spoken); // so that one can seek, whatever the server can do
  start(model, rows, visemes);
  told.textContent = "";
} catch (problem) {
  told.textContent = `${problem.message ?? problem}: see the top of index.html`;
}

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

// One object a frame: Apple's names in lower camel case, and the head's angles.
function parseBlendshapes(text) {
  const [header, ...lines] = text.trim().split("\n").map((line) => line.split(","));
  const names = header.map((name) => name[0].toLowerCase() + name.slice(1));
  return lines.map((line) =>
    Object.fromEntries(line.map((value, column) => [names[column], Number(value)])),
  );
}

function start(model, rows, visemes) {
  const renderer = new THREE.WebGLRenderer({
    canvas: document.querySelector("canvas"),
    antialias: true,
  });
  renderer.setPixelRatio(devicePixelRatio);
  const scene = new THREE.Scene();
  scene.background = new THREE.Color(0x20242b);
  scene.add(model.scene);

  const meshes = [];
  model.scene.traverse((node) => {
    node.frustumCulled = false; // morph targets move vertices out of the bounds
    if (node.morphTargetDictionary) meshes.push(node);
  });
  const head = model.scene.getObjectByName("Head");
  const camera = model.cameras[0].clone(); // sees the picture
  camera.position.copy(model.cameras[0].getWorldPosition(new THREE.Vector3()));
  const fieldOfView = camera.fov;
  const shape = camera.aspect;
  const controls = new OrbitControls(camera, renderer.domElement);
  controls.target.set(camera.position.x, camera.position.y, 0);
  controls.update();

  const fps = visemes.fps;
  renderer.setAnimationLoop(() => {
    const { clientWidth: width, clientHeight: height } = renderer.domElement;
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    // all of the picture, whatever the window's shape
    const half = Math.tan(THREE.MathUtils.degToRad(fieldOfView / 2));
    const tall = half * Math.max(1, shape / camera.aspect);
    camera.fov = THREE.MathUtils.radToDeg(2 * Math.atan(tall));
    camera.updateProjectionMatrix();

    const frame = blendshapesAt(rows, sound.currentTime * fps);
    const weights =
      form.by.value === "visemes"
        ? { ...only(frame, /^(eye|brow)/), ...visemesAt(visemes.visemes, sound.currentTime) }
        : frame;
    for (const mesh of meshes) {
      for (const [name, index] of Object.entries(mesh.morphTargetDictionary)) {
        mesh.morphTargetInfluences[index] = weights[name] ?? 0;
      }
    }
    head.rotation.set(frame.headPitch, frame.headYaw, -frame.headRoll);
    renderer.render(scene, camera);
  });
}

function blendshapesAt(rows, at) {
  const first = Math.min(Math.floor(at), rows.length - 1);
  const second = Math.min(first + 1, rows.length - 1);
  const share = Math.min(at - first, 1);
  const mixed = {};
  for (const name in rows[first]) {
    mixed[name] = rows[first][name] + (rows[second][name] - rows[first][name]) * share;
  }
  return mixed;
}

// Each viseme rises before it begins and falls after it ends; together they are 1.
function visemesAt(visemes, time) {
  const weights = {};
  for (const { viseme, start, end } of visemes) {
    const inside = Math.min(time - start, end - time);
    const share = Math.min(Math.max(0.5 + inside / blendInSeconds, 0), 1);
    if (share > 0) {
      const name = `viseme_${spelt[viseme] ?? viseme}`;
      weights[name] = Math.min((weights[name] ?? 0) + share, 1);
    }
  }
  return weights;
}

function only(values, pattern) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => pattern.test(name)));
}
