namespace MocapBridge
{
    /// <summary>
    /// The bones of a stream: names, tree, and where they rest. In the rest pose, a T-pose that
    /// faces +Z, every bone has the identity for its rotation. In Unity's axes; immutable.
    /// </summary>
    public sealed class Skeleton
    {
        readonly string[] _names;
        readonly int[] _parents;
        readonly Vec3[] _offsets;
        readonly Vec3?[] _tips;
        readonly int[] _bones;
        readonly int[] _indices = new int[HumanBones.Count];

        /// <summary>All arrays are of one length, and are kept; parents stand before children.</summary>
        public Skeleton(string[] names, int[] parents, Vec3[] offsets, Vec3?[] tips)
        {
            _names = names;
            _parents = parents;
            _offsets = offsets;
            _tips = tips;
            _bones = new int[names.Length];
            for (var bone = 0; bone < _indices.Length; bone++)
                _indices[bone] = -1;
            for (var index = 0; index < names.Length; index++)
            {
                _bones[index] = HumanBones.FromProtocolName(names[index]);
                if (_bones[index] >= 0)
                    _indices[_bones[index]] = index;
            }
        }

        public int Count => _names.Length;

        /// <summary>As the protocol spells it.</summary>
        public string Name(int index) => _names[index];

        /// <summary>Index of the bone above, which is less than its own; -1 for the first.</summary>
        public int Parent(int index) => _parents[index];

        /// <summary>[m] Rest position in the parent, of nobody in particular.</summary>
        public Vec3 Offset(int index) => _offsets[index];

        /// <summary>[m] Where a bone without children ends, in the bone; null if nobody knows.</summary>
        public Vec3? Tip(int index) => _tips[index];

        /// <summary>Number of the bone in HumanBodyBones, -1 if it is none of them.</summary>
        public int Bone(int index) => _bones[index];

        /// <summary>Index of a bone of HumanBodyBones, -1 if the stream lacks it.</summary>
        public int IndexOfBone(int bone) => _indices[bone];

        /// <summary>Whether poses of one are poses of the other, but for lengths.</summary>
        public bool HasSameBones(Skeleton other)
        {
            if (other == null || other.Count != Count)
                return false;
            for (var index = 0; index < Count; index++)
                if (_names[index] != other._names[index] || _parents[index] != other._parents[index])
                    return false;
            return true;
        }
    }
}
