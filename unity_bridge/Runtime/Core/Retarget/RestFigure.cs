using System;

namespace MocapBridge
{
    /// <summary>Where the bones of one person of a stream rest, all rotations being none.</summary>
    internal sealed class RestFigure
    {
        readonly Cast _cast;
        readonly int _person;
        readonly Vec3[] _at;

        public RestFigure(Cast cast, int person)
        {
            _cast = cast;
            _person = person;
            var skeleton = cast.Skeleton;
            _at = new Vec3[skeleton.Count];
            for (var index = 0; index < _at.Length; index++)
            {
                var parent = skeleton.Parent(index);
                _at[index] = cast.Offset(person, index) + (parent < 0 ? Vec3.Zero : _at[parent]);
            }
        }

        public bool Has(int bone) => _cast.Skeleton.IndexOfBone(bone) >= 0;

        /// <summary>[m] Where a bone is, by HumanBodyBones.</summary>
        public Vec3 At(int bone) => _at[_cast.Skeleton.IndexOfBone(bone)];

        /// <summary>
        /// [m] Height of the lowest point of a foot: of its bones, and of where they end.
        /// </summary>
        public float Sole(int foot)
        {
            var skeleton = _cast.Skeleton;
            var first = skeleton.IndexOfBone(foot);
            var lowest = float.PositiveInfinity;
            for (var index = first; index < skeleton.Count; index++)
            {
                if (!IsBelow(index, first))
                    continue;
                lowest = Math.Min(lowest, _at[index].Y);
                if (skeleton.Tip(index) != null)
                    lowest = Math.Min(lowest, (_at[index] + Tip(index)).Y);
            }
            return lowest;
        }

        bool IsBelow(int index, int above)
        {
            while (index > above)
                index = _cast.Skeleton.Parent(index);
            return index == above;
        }

        /// <summary>Where a bone ends: as much longer than usual as the bone itself is.</summary>
        Vec3 Tip(int index)
        {
            var usual = _cast.Skeleton.Offset(index).Length;
            var share = usual > 1e-6f ? _cast.Offset(_person, index).Length / usual : 1;
            return Math.Min(Math.Max(share, 0.1f), 10) * _cast.Skeleton.Tip(index).Value;
        }
    }
}
