using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>What carries the way through the room.</summary>
    public enum Travel
    {
        [Tooltip("The hips bone does; the character's own Transform stays where it is.")]
        Hips,

        [Tooltip("The character's own Transform does; the hips rise and fall.")]
        Root,

        [Tooltip("Nothing does: the character stays on the spot; its hips rise and fall.")]
        InPlace,
    }

    /// <summary>
    /// The Transforms of a character and what they were before the capture moved them. Poses are
    /// blended over what an Animator, or whoever else, left in them this frame.
    /// </summary>
    internal sealed class AvatarRig
    {
        const int Hips = (int)HumanBodyBones.Hips;

        readonly Transform[] _bones;
        readonly Quaternion[] _base = new Quaternion[HumanBones.Count]; // local, not ours
        readonly Quaternion[] _written = new Quaternion[HumanBones.Count]; // local, ours
        readonly Quaternion[] _animated = new Quaternion[HumanBones.Count]; // in the room, not ours
        readonly bool[] _touched = new bool[HumanBones.Count];
        readonly bool[] _follow = new bool[HumanBones.Count];
        readonly Vector3 _standing; // [m] rest position of the hips, facing +Z
        readonly Quaternion _facing;
        Vector3 _baseHips, _writtenHips, _baseRoot, _writtenRoot;
        bool _rootTouched;

        public AvatarRig(Transform root, Transform[] bones, RestPose rest)
        {
            Root = root;
            _bones = bones;
            Rest = rest.ToCore();
            _facing = rest.Facing;
            _standing = rest.Has(Hips) ? rest.Position(Hips) : Vector3.zero;
            for (var bone = 0; bone < HumanBones.Count; bone++)
                _follow[bone] = true;
        }

        public Transform Root { get; private set; }

        public AvatarRest Rest { get; private set; }

        /// <summary>False once the character, or a bone that was there, is destroyed.</summary>
        public bool IsAlive
        {
            get
            {
                if (Root == null)
                    return false;
                for (var bone = 0; bone < HumanBones.Count; bone++)
                    if (!ReferenceEquals(_bones[bone], null) && _bones[bone] == null)
                        return false;
                return true;
            }
        }

        public Transform Bone(int bone) => _bones[bone];

        /// <summary>Bones that are left alone.</summary>
        public void SetFollow(IList<BoneSlot> slots)
        {
            for (var bone = 0; bone < HumanBones.Count; bone++)
                _follow[bone] = true;
            for (var i = 0; i < slots.Count; i++)
            {
                int bone = slots[i] == null ? -1 : (int)slots[i].bone;
                if (bone >= 0 && bone < HumanBones.Count)
                    _follow[bone] = slots[i].follow;
            }
        }

        public bool Follows(int bone) => _follow[bone] && _bones[bone] != null;

        /// <summary>Writes a pose, of `weight` 0 to 1, over what else moves the character.</summary>
        public void Apply(Retarget retarget, AvatarPose pose, float weight, Travel travel)
        {
            Release();
            if (weight <= 0f)
                return;
            var count = retarget.DrivenCount;
            for (var i = 0; i < count; i++)
            {
                var bone = retarget.Driven(i);
                if (Follows(bone))
                    _animated[bone] = _bones[bone].rotation;
            }
            Vector3 way = pose.Hips.ToUnity() - _standing;
            way.y = 0f;
            if (Follows(Hips) && travel == Travel.Root)
            {
                Root.position += Root.rotation * (_facing * way) * weight;
                _writtenRoot = Root.localPosition;
                _rootTouched = true;
            }
            Quaternion world = Root.rotation * _facing;
            for (var i = 0; i < count; i++)
            {
                var bone = retarget.Driven(i);
                if (!Follows(bone))
                    continue;
                Quaternion turn = world * pose.Rotations[bone].ToUnity();
                _bones[bone].rotation = weight < 1f ? Quaternion.Slerp(_animated[bone], turn, weight) : turn;
                _written[bone] = _bones[bone].localRotation;
                _touched[bone] = true;
            }
            if (Follows(Hips))
            {
                Vector3 hips = pose.Hips.ToUnity() - (travel == Travel.Hips ? Vector3.zero : way);
                Vector3 place = Root.position + world * hips;
                _bones[Hips].position = weight < 1f ? Vector3.Lerp(_bones[Hips].position, place, weight) : place;
                _writtenHips = _bones[Hips].localPosition;
            }
        }

        /// <summary>
        /// Takes back what was written before, where nobody else has written since: a bone that no
        /// Animator moves then is as it was before the first pose.
        /// </summary>
        public void Release()
        {
            if (_rootTouched)
            {
                // who moved the character meanwhile moves it on from where it is
                _baseRoot += Root.localPosition - _writtenRoot;
                Root.localPosition = _baseRoot;
            }
            else
                _baseRoot = Root.localPosition;
            _rootTouched = false;
            for (var bone = 0; bone < HumanBones.Count; bone++)
            {
                if (_bones[bone] == null)
                    continue;
                Quaternion now = _bones[bone].localRotation;
                var ours = _touched[bone] && Same(now, _written[bone]);
                _base[bone] = ours ? _base[bone] : now;
                if (bone == Hips)
                {
                    Vector3 at = _bones[Hips].localPosition;
                    _baseHips = _touched[Hips] && at.Equals(_writtenHips) ? _baseHips : at;
                    if (_touched[Hips])
                        _bones[Hips].localPosition = _baseHips;
                }
                if (ours)
                    _bones[bone].localRotation = _base[bone];
                _touched[bone] = false;
            }
        }

        static bool Same(Quaternion a, Quaternion b)
        {
            return a.x == b.x && a.y == b.y && a.z == b.z && a.w == b.w;
        }
    }
}
