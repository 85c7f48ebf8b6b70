using System;

namespace MocapBridge
{
    /// <summary>Whether a person is seen. The numbers are those of binary frames.</summary>
    public enum TrackState : byte
    {
        /// <summary>Out of sight for longer; at rest.</summary>
        Lost = 0,

        /// <summary>Out of sight for a moment; the last pose is kept.</summary>
        Held = 1,

        /// <summary>Seen.</summary>
        Tracked = 2,
    }

    /// <summary>One person at one moment, in Unity's axes. Made once and filled again and again.</summary>
    public sealed class PersonPose
    {
        /// <summary>The number of the person, the same all the time.</summary>
        public int Id;

        public TrackState State;

        /// <summary>0 to 1: how far the bones were seen.</summary>
        public float Confidence;

        public bool LeftFootDown, RightFootDown;

        /// <summary>[m] Where the first bone, the hips, is in the world.</summary>
        public Vec3 Root;

        /// <summary>
        /// Of each bone of the skeleton, from the T-pose, in its parent; of the first in the world.
        /// Longer than <see cref="BoneCount"/> where the array served a larger skeleton before.
        /// </summary>
        public Quat[] Rotations = Array.Empty<Quat>();

        public int BoneCount { get; private set; }

        /// <summary>Makes place for so many bones; allocates only if there never were so many.</summary>
        public void SetBoneCount(int count)
        {
            if (Rotations.Length < count)
                Rotations = new Quat[count];
            BoneCount = count;
        }

        public void CopyFrom(PersonPose other)
        {
            SetBoneCount(other.BoneCount);
            Array.Copy(other.Rotations, Rotations, BoneCount);
            CopyRestFrom(other);
            Root = other.Root;
            Confidence = other.Confidence;
        }

        /// <summary>
        /// Becomes what lies at share <paramref name="t"/> (0 to 1) between two poses of the same
        /// person: rotations on the shorter way, and what cannot be halved from the nearer one.
        /// </summary>
        public void Blend(PersonPose a, PersonPose b, float t)
        {
            SetBoneCount(a.BoneCount);
            for (var index = 0; index < BoneCount; index++)
                Rotations[index] = Quat.Slerp(a.Rotations[index], b.Rotations[index], t);
            CopyRestFrom(t < 0.5f ? a : b);
            Root = Vec3.Lerp(a.Root, b.Root, t);
            Confidence = a.Confidence + t * (b.Confidence - a.Confidence);
        }

        void CopyRestFrom(PersonPose other)
        {
            Id = other.Id;
            State = other.State;
            LeftFootDown = other.LeftFootDown;
            RightFootDown = other.RightFootDown;
        }
    }
}
