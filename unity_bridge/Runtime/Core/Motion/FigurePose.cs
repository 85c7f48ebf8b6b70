using System;

namespace MocapBridge
{
    /// <summary>
    /// Where the bones of one person are in the world, by the rest positions of that person: what
    /// it takes to draw them without any avatar. In Unity's axes.
    /// </summary>
    public sealed class FigurePose
    {
        /// <summary>[m] Where each bone of the skeleton begins.</summary>
        public Vec3[] Positions = Array.Empty<Vec3>();

        /// <summary>How each bone is turned from the T-pose, in the world.</summary>
        public Quat[] Globals = Array.Empty<Quat>();

        public int BoneCount { get; private set; }

        /// <summary>
        /// Forward kinematics: a bone is turned by its parent's turn times its rotation, and is
        /// where its offset, turned with the parent, leads from there.
        /// </summary>
        /// <param name="pose">Of the bones of the cast's skeleton.</param>
        /// <param name="cast">Who the person is.</param>
        /// <param name="person">Their place in the cast.</param>
        public void Solve(PersonPose pose, Cast cast, int person)
        {
            var skeleton = cast.Skeleton;
            if (pose.BoneCount != skeleton.Count)
                throw new ArgumentException(
                    $"expected a pose of {skeleton.Count} bones, got one of {pose.BoneCount}");
            BoneCount = skeleton.Count;
            if (Positions.Length < BoneCount)
            {
                Positions = new Vec3[BoneCount];
                Globals = new Quat[BoneCount];
            }
            for (var index = 0; index < BoneCount; index++)
            {
                var parent = skeleton.Parent(index);
                if (parent < 0)
                {
                    Globals[index] = pose.Rotations[index];
                    Positions[index] = pose.Root;
                }
                else
                {
                    Globals[index] = Globals[parent] * pose.Rotations[index];
                    Positions[index] = Positions[parent] + Globals[parent] * cast.Offset(person, index);
                }
            }
        }
    }
}
