using System;

namespace MocapBridge
{
    /// <summary>
    /// How a body stands in what is meant as its T-pose, by where its human bones are: what leads
    /// from the exact T-pose to it, how long its legs are, how high its feet.
    /// </summary>
    /// <remarks>
    /// The torso, shoulders, head, feet and toes look there as the body is made, and need no more
    /// than the direction it faces. Arms and legs may deviate: each of their bones is first carried
    /// along by the one above it, and then turned by the shortest arc that brings the direction of
    /// the exact T-pose to its own, which adds no twist. Hands and fingers have an arc of their own
    /// only where they are bent by more than a hand's shape; thumbs keep to their hand.
    /// </remarks>
    internal sealed class Stance
    {
        const float Shape = 15f * (float)Math.PI / 180;
        const float Sole = 0.07f / 0.86f; // height of the ankle in leg lengths, where nothing tells

        readonly Func<int, bool> _has;
        readonly Func<int, Vec3> _at;

        /// <summary>From the exact T-pose to this one, by bone.</summary>
        public readonly Quat[] Align = new Quat[HumanBones.Count];

        /// <summary>[m] From hip joint to ankle, mean of both legs; 0 if it is not known.</summary>
        public readonly float Leg;

        readonly float[] _heights = new float[HumanBones.Count];

        /// <param name="has">Whether there is such a bone.</param>
        /// <param name="at">[m] Where it is, +Y up.</param>
        /// <param name="sole">
        /// [m] Height of the ground under a foot bone, NaN if it is not known.
        /// </param>
        public Stance(Func<int, bool> has, Func<int, Vec3> at, Func<int, float> sole)
        {
            _has = has;
            _at = at;
            float left = LegLength(0), right = LegLength(1);
            Leg = left > 0 && right > 0 ? (left + right) / 2 : 0;
            for (var side = 0; side < 2; side++)
                FindHeights(side, sole);
            var facing = Facing();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                Align[bone] = facing;
            for (var side = 0; side < 2; side++)
                FindLimbs(side, facing);
        }

        /// <summary>[m] of a foot or toes over the ground.</summary>
        public float Height(int bone) => _heights[bone];

        /// <summary>[m] of the hip joints when the legs are straight.</summary>
        public float Stand =>
            Leg + (_heights[HumanBones.LeftFoot] + _heights[HumanBones.RightFoot]) / 2;

        /// <summary>Which way the body faces, from +Z.</summary>
        Quat Facing()
        {
            if (!_has(HumanBones.LeftUpperLeg) || !_has(HumanBones.RightUpperLeg))
                return Quat.Identity;
            var right = _at(HumanBones.RightUpperLeg) - _at(HumanBones.LeftUpperLeg);
            var half = 0.5 * Math.Atan2(-right.Z, right.X);
            return new Quat(0, (float)Math.Sin(half), 0, (float)Math.Cos(half));
        }

        void FindLimbs(int side, Quat facing)
        {
            Vec3 down = new Vec3(0, -1, 0), outwards = new Vec3(side == 0 ? -1 : 1, 0, 0);
            int upperLeg = HumanBones.LeftUpperLeg + side, lowerLeg = HumanBones.LeftLowerLeg + side;
            int upperArm = HumanBones.LeftUpperArm + side, lowerArm = HumanBones.LeftLowerArm + side;
            int foot = HumanBones.LeftFoot + side, palm = HumanBones.LeftHand + side;
            var thumb = side == 0 ? HumanBones.LeftThumb : HumanBones.RightThumb;
            var middle = thumb + 6;
            var thigh = Bend(upperLeg, lowerLeg, down, facing, 0);
            Bend(lowerLeg, foot, down, thigh, 0);
            var upper = Bend(upperArm, lowerArm, outwards, facing, 0);
            var lower = Bend(lowerArm, palm, outwards, upper, 0);
            var hand = Bend(palm, middle, outwards, lower, Shape);
            for (var finger = thumb; finger < thumb + 15; finger += 3)
            {
                var still = finger == thumb ? (float)Math.PI : Shape;
                var first = Bend(finger, finger + 1, outwards, hand, still);
                var second = Bend(finger + 1, finger + 2, outwards, first, still);
                Align[finger + 2] = second;
            }
        }

        /// <summary>Align of a bone that ends where another begins.</summary>
        Quat Bend(int bone, int end, Vec3 direction, Quat carried, float least)
        {
            if (!_has(bone))
                return carried;
            Align[bone] = carried;
            if (_has(end))
            {
                var arc = Quat.Arc(carried * direction, _at(end) - _at(bone));
                if (Quat.Angle(arc, Quat.Identity) > least)
                    Align[bone] = (arc * carried).Normalized();
            }
            return Align[bone];
        }

        float LegLength(int side)
        {
            int upper = HumanBones.LeftUpperLeg + side, lower = HumanBones.LeftLowerLeg + side;
            var foot = HumanBones.LeftFoot + side;
            if (!_has(upper) || !_has(lower) || !_has(foot))
                return 0;
            return (_at(lower) - _at(upper)).Length + (_at(foot) - _at(lower)).Length;
        }

        void FindHeights(int side, Func<int, float> sole)
        {
            int foot = HumanBones.LeftFoot + side, toes = HumanBones.LeftToes + side;
            if (!_has(foot))
                return;
            var ground = sole(foot);
            if (!(ground < _at(foot).Y))
                ground = _at(foot).Y - Sole * Leg;
            _heights[foot] = _at(foot).Y - ground;
            if (_has(toes))
                _heights[toes] = _at(toes).Y - ground;
        }
    }
}
