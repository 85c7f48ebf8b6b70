using System;
using System.Collections.Generic;
using System.IO;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>
    /// One person's motion out of a file, in Unity's axes and metres. In the rest pose every bone
    /// has the identity for its rotation.
    /// </summary>
    public sealed class RecordedMotion
    {
        /// <summary>The person's number in the file.</summary>
        public int Id;

        public string[] Names;

        /// <summary>Of each bone the one above, -1 for the first; parents stand before children.</summary>
        public int[] Parents;

        /// <summary>[m] Rest positions in the parent.</summary>
        public Vector3[] Offsets;

        /// <summary>[s] From the beginning of the file.</summary>
        public double[] Times;

        /// <summary>[m] Of each frame, where the first bone is.</summary>
        public Vector3[] Roots;

        /// <summary>Local rotations, frame by frame, all bones of each.</summary>
        public Quaternion[] Rotations;

        /// <summary>[m] Local positions like Rotations, where bones leave their offsets; else null.</summary>
        public Vector3[] Positions;

        public int Bones => Names.Length;

        public int Frames => Times.Length;

        public Quaternion Rotation(int frame, int bone) => Rotations[frame * Bones + bone];

        /// <summary>[m] In the parent; of the first bone, in the room.</summary>
        public Vector3 Position(int frame, int bone) =>
            bone == 0 ? Roots[frame] : Positions == null ? Offsets[bone] : Positions[frame * Bones + bone];

        /// <summary>Everyone in a take (.json, .mocapjson) or .bvh file.</summary>
        /// <param name="perMetre">How many of the lengths of a BVH file make a metre.</param>
        /// <exception cref="FormatException">It is none of these, or is damaged; says where.</exception>
        /// <exception cref="IOException">It cannot be read.</exception>
        public static List<RecordedMotion> Read(string path, double perMetre)
        {
            if (string.Equals(Path.GetExtension(path), ".bvh", StringComparison.OrdinalIgnoreCase))
                return BvhFile.Read(File.ReadAllText(path), perMetre);
            return TakeFile.Read(File.ReadAllBytes(path));
        }

        /// <summary>The same for a character: only skeletons with the names of `mocap` fit.</summary>
        /// <exception cref="FormatException">The bones have other names, or other rest axes.</exception>
        public PersonMotion ToPersonMotion()
        {
            var offsets = new Vec3[Bones];
            for (var bone = 0; bone < Bones; bone++)
                offsets[bone] = new Vec3(Offsets[bone].x, Offsets[bone].y, Offsets[bone].z);
            if (Bones == 0 || HumanBones.FromProtocolName(Names[0]) != HumanBones.Hips)
                throw new FormatException(
                    "The first bone is not called hips. Bring the file onto the right skeleton first: "
                    + "mocap convert FILE out.bvh --skeleton humanoid");
            var skeleton = new Skeleton(Names, Parents, offsets, new Vec3?[Bones]);
            var cast = new Cast(skeleton, new[] { Id }, new[] { offsets }, Rate(), "file");
            var motion = new PersonMotion();
            var pose = new PersonPose { Id = Id, State = TrackState.Tracked, Confidence = 1f };
            pose.SetBoneCount(Bones);
            for (var frame = 0; frame < Frames; frame++)
            {
                pose.Root = new Vec3(Roots[frame].x, Roots[frame].y, Roots[frame].z);
                for (var bone = 0; bone < Bones; bone++)
                {
                    var q = Rotation(frame, bone);
                    pose.Rotations[bone] = new Quat(q.x, q.y, q.z, q.w);
                }
                motion.Add(Times[frame], cast, pose);
            }
            return motion;
        }

        /// <summary>[1/s]</summary>
        public double Rate() => Frames < 2 || Times[Frames - 1] <= Times[0] ? 30.0 : (Frames - 1) / (Times[Frames - 1] - Times[0]);
    }
}
