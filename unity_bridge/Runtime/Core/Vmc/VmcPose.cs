using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// The body that VMC messages have told of so far: which bones, how they are turned in the
    /// bones above, and where. In Unity's axes, as VMC itself is.
    /// </summary>
    internal sealed class VmcPose
    {
        const float Moved = 0.005f; // [m] a bone that moved in its parent is of another body
        const float Ankle = 0.07f; // [m] over the ground

        readonly bool[] _has = new bool[HumanBones.Count];
        readonly Quat[] _turns = new Quat[HumanBones.Count];
        readonly Vec3[] _places = new Vec3[HumanBones.Count];
        readonly int[] _bones = new int[HumanBones.Count]; // by index in the skeleton
        Vec3 _rootPlace;
        Quat _rootTurn = Quat.Identity;
        bool _isAnother = true;

        /// <summary>Who there is; null before the hips.</summary>
        public Cast Cast { get; private set; }

        public bool Has(int bone) => _has[bone];

        /// <summary>Nothing is known any more.</summary>
        public void Reset()
        {
            for (var bone = 0; bone < HumanBones.Count; bone++)
                _has[bone] = false;
            _rootPlace = Vec3.Zero;
            _rootTurn = Quat.Identity;
            _isAnother = true;
            Cast = null;
        }

        /// <summary>Where the root of the avatar is in the world.</summary>
        public void SetRoot(Vec3 place, Quat turn)
        {
            _rootPlace = place;
            _rootTurn = turn;
        }

        /// <summary>Where a bone is in the one above, and how it is turned from the T-pose.</summary>
        public void Set(int bone, Vec3 place, Quat turn)
        {
            _isAnother |= !_has[bone];
            _has[bone] = true;
            _turns[bone] = turn;
            if (bone != HumanBones.Hips && (place - _places[bone]).Length > Moved)
                _isAnother = true;
            if (bone == HumanBones.Hips || _isAnother)
                _places[bone] = place;
        }

        /// <summary>Fills the only person of a frame; makes a new cast if the body is another.</summary>
        public void Fill(MotionFrame frame)
        {
            if (_isAnother)
                MakeCast();
            _isAnother = false;
            frame.Cast = Cast;
            frame.SetCount(1);
            var person = frame[0];
            person.Id = Cast.Id(0);
            person.State = TrackState.Tracked;
            person.Confidence = 1;
            person.LeftFootDown = person.RightFootDown = false;
            person.Root = _rootPlace + _rootTurn * _places[HumanBones.Hips];
            person.SetBoneCount(Cast.Skeleton.Count);
            for (var index = 0; index < person.BoneCount; index++)
                person.Rotations[index] = _turns[_bones[index]];
            person.Rotations[0] = (_rootTurn * _turns[HumanBones.Hips]).Normalized();
        }

        void MakeCast()
        {
            var names = new List<string>();
            var parents = new List<int>();
            var offsets = new List<Vec3>();
            var tips = new List<Vec3?>();
            var indices = new int[HumanBones.Count];
            for (var n = 0; n < HumanBones.Count; n++)
            {
                var bone = HumanBones.Ordered(n);
                if (!_has[bone])
                    continue;
                var above = HumanBones.Parent(bone);
                while (above >= 0 && !_has[above])
                    above = HumanBones.Parent(above);
                indices[bone] = names.Count;
                _bones[names.Count] = bone;
                names.Add(HumanBones.ProtocolName(bone));
                parents.Add(above < 0 ? -1 : indices[above]);
                offsets.Add(bone == HumanBones.Hips ? HipsAtRest() : _places[bone]);
                tips.Add(Tip(bone));
            }
            var skeleton = new Skeleton(
                names.ToArray(), parents.ToArray(), offsets.ToArray(), tips.ToArray());
            Cast = new Cast(skeleton, new[] { 0 }, new[] { offsets.ToArray() }, 60, "VMC");
        }

        /// <summary>Toes end on the ground.</summary>
        Vec3? Tip(int bone)
        {
            var isToes = bone == HumanBones.LeftToes || bone == HumanBones.RightToes;
            var height = Ankle + _places[bone].Y;
            return isToes && height > 0 ? new Vec3(0, -height, Ankle) : (Vec3?)null;
        }

        /// <summary>The hips travel, so the legs tell how high they stand.</summary>
        Vec3 HipsAtRest()
        {
            float leg = 0;
            for (var bone = HumanBones.LeftUpperLeg; bone <= HumanBones.LeftFoot; bone += 2)
                leg += _has[bone] ? -_places[bone].Y : 0;
            return new Vec3(0, leg > 0 ? leg + Ankle : _rootPlace.Y + _places[HumanBones.Hips].Y, 0);
        }
    }
}
