// Messages of the mocap protocol, version 1, made into values. Nothing here touches the network,
// the page or three.js, so it can be copied into any JavaScript program and run in Node.

export const PROTOCOL = 1;
export const BINARY = "mocap.v1.bin";

const STATES = ["lost", "held", "tracked"];
const HEADER = 24; // bytes
const PERSON = 24; // bytes before the rotations of a person

/**
 * A message of the server: text, or the bytes of a frame.
 * @param {string | ArrayBuffer} data
 */
export function decode(data) {
  return typeof data === "string" ? JSON.parse(data) : decodeFrame(data);
}

/**
 * A frame of the binary sub-protocol, in the form that the JSON one has.
 * @param {ArrayBuffer} buffer
 */
export function decodeFrame(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint8(0) !== 1) {
    throw new Error(`no frame: ${buffer.byteLength} bytes`);
  }
  if (view.getUint8(1) !== PROTOCOL) {
    throw new Error(`a frame of version ${view.getUint8(1)}; expected ${PROTOCOL}`);
  }
  const count = view.getUint16(2, true);
  const bones = view.getUint16(4, true);
  const size = PERSON + 16 * bones;
  if (buffer.byteLength !== HEADER + count * size) {
    throw new Error(`a frame of ${buffer.byteLength} bytes; expected ${HEADER + count * size}`);
  }
  const floats = (at, length) =>
    Array.from({ length }, (_, i) => view.getFloat32(at + 4 * i, true));
  const people = [];
  for (let i = 0, at = HEADER; i < count; i += 1, at += size) {
    const contacts = view.getUint8(at + 5);
    people.push({
      id: view.getInt32(at, true),
      state: STATES[view.getUint8(at + 4)],
      confidence: view.getFloat32(at + 8, true),
      root: floats(at + 12, 3),
      rotations: floats(at + 24, 4 * bones),
      contacts: { leftFoot: (contacts & 1) !== 0, rightFoot: (contacts & 2) !== 0 },
    });
  }
  return { type: "frame", seq: view.getUint32(8, true), t: view.getFloat64(16, true), people };
}

/**
 * The skeleton of each person of a hello: bones in the order of the frames' rotations.
 * Everyone has the same bones; they differ in lengths alone.
 */
export function skeletonsOf(hello) {
  const { bones } = hello.skeleton;
  const index = new Map(bones.map((bone, i) => [bone.name, i]));
  const shared = {
    names: bones.map((bone) => bone.name),
    parents: bones.map((bone) => (bone.parent === null ? -1 : index.get(bone.parent))),
    tips: bones.map((bone) => bone.tip ?? null),
  };
  return new Map(
    hello.people.map(({ id, offsets }) => [
      id,
      { ...shared, offsets: bones.map((_, i) => offsets.slice(3 * i, 3 * i + 3)) },
    ]),
  );
}

/** The rotation that turns by b first, then by a; quaternions are [x, y, z, w]. */
export function mul([ax, ay, az, aw], [bx, by, bz, bw]) {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** The opposite rotation. */
export const inverse = ([x, y, z, w]) => [-x, -y, -z, w];

/** A direction or place turned by a rotation. */
export function rotate(q, v) {
  const [x, y, z] = mul(mul(q, [...v, 0]), inverse(q));
  return [x, y, z];
}

/**
 * Where the bones of a person are.
 * @returns positions [m] and rotations of all bones, in the world.
 */
export function pose(skeleton, person) {
  const positions = [];
  const rotations = [];
  skeleton.parents.forEach((parent, i) => {
    const local = person.rotations.slice(4 * i, 4 * i + 4);
    rotations.push(parent < 0 ? local : mul(rotations[parent], local));
    if (parent < 0) {
      positions.push(person.root);
    } else {
      const step = rotate(rotations[parent], skeleton.offsets[i]);
      positions.push(positions[parent].map((value, axis) => value + step[axis]));
    }
  });
  return { positions, rotations };
}
