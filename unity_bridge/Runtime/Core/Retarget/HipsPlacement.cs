using System;

namespace MocapBridge
{
    /// <summary>
    /// Where an avatar of another size is: the middle between the hip joints travels by the scale,
    /// lifted so that who stands straight on the soles stands on the avatar's.
    /// </summary>
    /// <remarks>
    /// With the legs' directions kept, feet then are where they were, times the scale; legs bent in
    /// other proportions of thigh and shin miss the ground a little. So each ankle and toe that is r
    /// over its height at rest asks for a shift by its error; feet off the ground ask less, by
    /// exp(-r / Near).
    /// </remarks>
    internal sealed class HipsPlacement
    {
        const float Near = 0.06f; // [leg lengths] over the ground at which a foot still weighs (e-fold)

        static readonly int[] Feet =
        {
            HumanBones.LeftFoot, HumanBones.LeftToes, HumanBones.RightFoot, HumanBones.RightToes,
        };

        readonly Skeleton _skeleton;
        readonly AvatarRest _rest;
        readonly Stance _source, _target;
        readonly Vec3 _sourceHips; // at rest
        readonly int[] _parents = new int[HumanBones.Count]; // of legs and feet, by bone
        readonly Vec3[] _at = new Vec3[HumanBones.Count];

        public HipsPlacement(
            Skeleton skeleton, Stance source, Vec3 sourceHips, AvatarRest rest, Stance target)
        {
            _skeleton = skeleton;
            _source = source;
            _sourceHips = sourceHips;
            _rest = rest;
            _target = target;
            for (var bone = 0; bone < HumanBones.Count; bone++)
                _parents[bone] = rest.Above(bone);
        }

        /// <summary>Whether the source has legs to compare with.</summary>
        public bool HasLegs => _source.Leg > 0.01f;

        /// <summary>The avatar's size as that of the source is one.</summary>
        public float Scale => HasLegs ? _target.Leg / _source.Leg : 1;

        /// <summary>[m] Where the avatar's hips are, in its root.</summary>
        /// <param name="figure">The source's pose in the world.</param>
        /// <param name="turned">The avatar's bones by HumanBodyBones, in its root.</param>
        public Vec3 Hips(FigurePose figure, Quat[] turned, float scale)
        {
            if (!HasLegs)
                return _rest.Position(HumanBones.Hips) + scale * Level(figure.Positions[0], _sourceHips.Y);
            PlaceLegs(turned);
            const int left = HumanBones.LeftUpperLeg, right = HumanBones.RightUpperLeg;
            var middle = 0.5f * (Source(figure, left) + Source(figure, right));
            var joints = 0.5f * (_at[left] + _at[right]);
            var lift = _target.Stand - scale * _source.Stand;
            var hips = scale * middle - joints + new Vec3(0, lift, 0);
            float errors = 0, weights = 0;
            foreach (var bone in Feet)
            {
                if (!_rest.Has(bone) || _skeleton.IndexOfBone(bone) < 0)
                    continue;
                var rise = scale * (Source(figure, bone).Y - _source.Height(bone));
                var error = rise + _target.Height(bone) - _at[bone].Y - hips.Y;
                var weight = (float)Math.Exp(-Math.Max(rise, 0) / (Near * _target.Leg));
                errors += weight * error;
                weights += weight;
            }
            return hips + new Vec3(0, errors / Math.Max(weights, 1), 0);
        }

        /// <summary>Where the avatar's legs and feet are, its hips being at zero.</summary>
        void PlaceLegs(Quat[] turned)
        {
            _at[HumanBones.Hips] = Vec3.Zero;
            for (var bone = HumanBones.LeftUpperLeg; bone <= HumanBones.RightFoot; bone++)
                Place(bone, turned);
            Place(HumanBones.LeftToes, turned);
            Place(HumanBones.RightToes, turned);
        }

        void Place(int bone, Quat[] turned)
        {
            if (!_rest.Has(bone))
                return;
            var above = _parents[bone];
            var turn = turned[above] * _rest.Rotation(above).Inverse(); // since the T-pose
            _at[bone] = _at[above] + turn * (_rest.Position(bone) - _rest.Position(above));
        }

        Vec3 Source(FigurePose figure, int bone) => figure.Positions[_skeleton.IndexOfBone(bone)];

        static Vec3 Level(Vec3 position, float height) => position - new Vec3(0, height, 0);
    }
}
