// A stick figure.

import {
  CapsuleGeometry, Color, Group, InstancedMesh, Matrix4, Mesh, MeshStandardMaterial, Quaternion,
  SphereGeometry, Vector3,
} from "three";

import { pose, rotate } from "./protocol.js";

const THICK = 0.025; // [m]
const NOSE = [0, 0.08, 0.1]; // [m] in the head: shows where they look
const UP = new Vector3(0, 1, 0);
const ORANGE = new Color(0xff9a3c); // the left side of everyone

/** Capsules from bone to bone, the left side orange, and a nose. */
export class Figure extends Group {
  #skeleton;
  #sticks;
  #capsules;
  #nose;

  /**
   * @param skeleton of `skeletonsOf`
   * @param {Color} colour of the middle and the right side
   */
  constructor(skeleton, colour) {
    super();
    this.#skeleton = skeleton;
    this.#sticks = sticksOf(skeleton);
    const geometry = new CapsuleGeometry(THICK, 1, 4, 12);
    const material = new MeshStandardMaterial({ roughness: 0.6 });
    this.#capsules = new InstancedMesh(geometry, material, this.#sticks.length);
    this.#capsules.frustumCulled = false; // its bounds would be those of one capsule at rest
    this.#sticks.forEach(({ left }, i) => this.#capsules.setColorAt(i, left ? ORANGE : colour));
    this.#nose = new Mesh(new SphereGeometry(0.03), new MeshStandardMaterial({ color: colour }));
    this.#nose.visible = skeleton.names.includes("head");
    this.add(this.#capsules, this.#nose);
  }

  /** Take the pose of a person of a frame. */
  update(person) {
    const { positions, rotations } = pose(this.#skeleton, person);
    const matrix = new Matrix4();
    this.#sticks.forEach(({ bone, end }, i) => {
      const way = new Vector3(...rotate(rotations[bone], end));
      const middle = new Vector3(...positions[bone]).addScaledVector(way, 0.5);
      const scale = new Vector3(1, way.length(), 1);
      const turned = new Quaternion().setFromUnitVectors(UP, way.normalize());
      this.#capsules.setMatrixAt(i, matrix.compose(middle, turned, scale));
    });
    this.#capsules.instanceMatrix.needsUpdate = true;
    if (this.#nose.visible) {
      const head = this.#skeleton.names.indexOf("head");
      this.#nose.position.set(...rotate(rotations[head], NOSE));
      this.#nose.position.add(new Vector3(...positions[head]));
    }
    for (const { material } of [this.#capsules, this.#nose]) {
      material.transparent = person.state !== "tracked"; // out of sight: faint
      material.opacity = person.state === "tracked" ? 1 : 0.4;
    }
  }

  dispose() {
    for (const mesh of [this.#capsules, this.#nose]) {
      mesh.geometry.dispose();
      mesh.material.dispose();
    }
    this.#capsules.dispose();
  }
}

/** The sticks of a skeleton: from each bone to each of its children, and to its tip. */
function sticksOf({ names, parents, offsets, tips }) {
  const ends = parents.map((parent, i) => ({ bone: parent, end: offsets[i], of: names[i] }));
  tips.forEach((tip, i) => ends.push({ bone: tip ? i : -1, end: tip, of: names[i] }));
  return ends
    .filter(({ bone, end }) => bone >= 0 && Math.hypot(...end) > 0)
    .map(({ bone, end, of }) => ({ bone, end, left: of.startsWith("left") }));
}
