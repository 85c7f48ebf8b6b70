// A VRM avatar, of VRM 0 or 1, moved by the poses of the stream.

import { Group } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { VRMHumanBoneParentMap, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";

import { inverse, mul, pose } from "./protocol.js";

const loader = new GLTFLoader();
loader.register((parser) => new VRMLoaderPlugin(parser));

/**
 * The stream's rotations are those of a VRM 1 normalized humanoid: from the T-pose, facing +Z.
 * three-vrm gives every avatar such a normalized humanoid, whatever axes its bones have. That of
 * VRM 0 faces -Z: the model is turned around, and what is said in its axes is turned back.
 */
export class Avatar extends Group {
  #vrm;
  #bones; // of the avatar, parents first: {name, node, parent}
  #facesBack;

  /**
   * @param {ArrayBuffer} file
   * @throws {Error} not a VRM
   */
  static async load(file) {
    const { vrm } = (await loader.parseAsync(file, "")).userData;
    if (!vrm) throw new Error("a glTF file, but no VRM: it has no humanoid");
    return new Avatar(vrm);
  }

  constructor(vrm) {
    super();
    this.#vrm = vrm;
    this.#facesBack = vrm.meta.metaVersion === "0";
    VRMUtils.rotateVRM0(vrm);
    vrm.scene.traverse((node) => {
      node.frustumCulled = false; // bounds are those of the rest pose
    });
    const node = (name) => vrm.humanoid.getNormalizedBoneNode(name);
    // the table of three-vrm has parents before children
    this.#bones = Object.keys(VRMHumanBoneParentMap)
      .filter(node)
      .map((name) => ({ name, node: node(name), parent: present(name, node) }));
    this.add(vrm.scene);
  }

  /** Take the pose of a person of a frame. */
  update(skeleton, person) {
    const { rotations } = pose(skeleton, person);
    const world = new Map([[null, [0, 0, 0, 1]]]);
    for (const { name, node, parent } of this.#bones) {
      // Bones that only one of the two has: the orientation of those below stays right.
      const at = skeleton.names.indexOf(name);
      world.set(name, at < 0 ? world.get(parent) : rotations[at]);
      const [x, y, z, w] = mul(inverse(world.get(parent)), world.get(name));
      node.quaternion.set(...(this.#facesBack ? [-x, y, -z, w] : [x, y, z, w]));
    }
    // Travel is scaled with the legs, so that feet which stand keep standing.
    const { hips } = this.#vrm.humanoid.normalizedRestPose;
    const scale = hips.position[1] / skeleton.offsets[0][1];
    const [x, y, z] = person.root.map((value) => value * scale);
    const side = this.#facesBack ? -1 : 1;
    this.#vrm.humanoid.getNormalizedBoneNode("hips").position.set(side * x, y, side * z);
  }

  /** Let hair and clothes swing. @param {number} seconds since the last call */
  swing(seconds) {
    this.#vrm.update(seconds);
  }

  dispose() {
    VRMUtils.deepDispose(this.#vrm.scene);
  }
}

/** The nearest bone above that the avatar has; null above the hips. */
function present(name, node) {
  const parent = VRMHumanBoneParentMap[name];
  return parent === null || node(parent) ? parent : present(parent, node);
}
