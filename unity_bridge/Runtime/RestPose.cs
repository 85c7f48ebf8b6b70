using System;
using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>
    /// Where the bones of a character are when it stands in its T-pose, whatever pose the scene
    /// shows: read from a stored pose, from the Avatar's description, or, where neither says
    /// anything, from the scene as it began, or as it is.
    /// </summary>
    /// <remarks>
    /// Places are relative to the character's root, in metres of the room, and turned upright and to
    /// face +Z: models that rest with another axis up, or face another way, are moved in their own
    /// way. That arms may hang and legs be astride is the core's business.
    /// </remarks>
    internal sealed class RestPose
    {
        const float Near = 15f; // [degrees] less is the shape of a body

        static readonly HumanBodyBones[] Tops =
        {
            HumanBodyBones.Head, HumanBodyBones.Neck, HumanBodyBones.UpperChest, HumanBodyBones.Chest, HumanBodyBones.Spine,
        };

        readonly Transform _root;
        readonly Transform[] _bones;
        readonly Dictionary<string, SkeletonBone> _described = new Dictionary<string, SkeletonBone>();
        readonly Dictionary<Transform, StoredRest> _stored = new Dictionary<Transform, StoredRest>();
        readonly Dictionary<Transform, StoredRest> _begun = new Dictionary<Transform, StoredRest>();
        readonly Vector3[] _positions = new Vector3[HumanBones.Count];
        readonly Quaternion[] _rotations = new Quaternion[HumanBones.Count];

        /// <param name="root">The character's own Transform.</param>
        /// <param name="bones">The Transform of each human bone, null where there is none.</param>
        /// <param name="avatar">Whose description tells the T-pose; may be null.</param>
        /// <param name="stored">A T-pose that the user stored; may be empty. It wins.</param>
        /// <param name="begun">How the scene began; may be empty.</param>
        public RestPose(
            Transform root, Transform[] bones, Avatar avatar, List<StoredRest> stored, List<StoredRest> begun)
        {
            _root = root;
            _bones = bones;
            SkeletonBone[] skeleton = avatar != null && avatar.isHuman ? avatar.humanDescription.skeleton : null;
            for (var i = 0; skeleton != null && i < skeleton.Length; i++)
                if (!string.IsNullOrEmpty(skeleton[i].name) && !_described.ContainsKey(skeleton[i].name))
                    _described.Add(skeleton[i].name, skeleton[i]);
            Keep(stored, _stored);
            Keep(begun, _begun);
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (Has(bone))
                    Find(bone);
            Facing = Face();
        }

        /// <summary>From a character that faces +Z to how this one faces, in its root.</summary>
        public Quaternion Facing { get; private set; }

        public bool Has(int bone) => _bones[bone] != null;

        /// <summary>[m] In the root, without its scale, of a character that was turned to face +Z.</summary>
        public Vector3 Position(int bone) => Quaternion.Inverse(Facing) * _positions[bone];

        /// <summary>In the root, of a character that was turned to face +Z.</summary>
        public Quaternion Rotation(int bone) => Quaternion.Inverse(Facing) * _rotations[bone];

        /// <summary>The same for the core.</summary>
        public AvatarRest ToCore()
        {
            var rest = new AvatarRest();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (Has(bone))
                    rest.Set(bone, Position(bone).ToCore(), Rotation(bone).normalized.ToCore());
            return rest;
        }

        static void Keep(List<StoredRest> list, Dictionary<Transform, StoredRest> into)
        {
            foreach (var rest in list)
                if (rest.transform != null)
                    into[rest.transform] = rest;
        }

        void Find(int bone)
        {
            Vector3 position = Vector3.zero;
            Quaternion rotation = Quaternion.identity;
            for (Transform at = _bones[bone]; at != null && at != _root; at = at.parent)
            {
                Vector3 place, scale;
                Quaternion turn;
                Local(at, out place, out turn, out scale);
                position = place + turn * Vector3.Scale(scale, position);
                rotation = turn * Mirrored(rotation, scale);
            }
            _positions[bone] = Quaternion.Inverse(_root.rotation) * _root.TransformVector(position);
            _rotations[bone] = Mirrored(rotation, _root.lossyScale);
        }

        void Local(Transform at, out Vector3 position, out Quaternion rotation, out Vector3 scale)
        {
            StoredRest stored;
            SkeletonBone described;
            position = at.localPosition;
            rotation = at.localRotation;
            scale = at.localScale;
            if (_stored.TryGetValue(at, out stored))
            {
                position = stored.position;
                rotation = stored.rotation.normalized;
            }
            else if (_described.TryGetValue(at.name, out described))
            {
                position = described.position;
                rotation = described.rotation.normalized; // its scale is that of the import, not of today
            }
            else if (_begun.TryGetValue(at, out stored))
            {
                position = stored.position;
                rotation = stored.rotation;
            }
        }

        /// <summary>Up from the hips to the head and right from hip joint to hip joint, or the root's
        /// own axes where they are near: a head held forward does not make a body lean.</summary>
        Quaternion Face()
        {
            const int Left = (int)HumanBodyBones.LeftUpperLeg, Right = (int)HumanBodyBones.RightUpperLeg, Hips = (int)HumanBodyBones.Hips;
            if (!Has(Left) || !Has(Right) || !Has(Hips))
                return Quaternion.identity;
            Vector3 up = Vector3.zero;
            foreach (var top in Tops)
            {
                if (Has((int)top))
                {
                    up = Snapped(_positions[(int)top] - _positions[Hips]);
                    break;
                }
            }
            Vector3 right = _positions[Right] - _positions[Left];
            right = Snapped(right - up * Vector3.Dot(right, up));
            Vector3 forward = Vector3.Cross(right, up);
            if (up == Vector3.zero || forward.magnitude < 0.5f)
                return Quaternion.identity;
            Quaternion upright = Quaternion.FromToRotation(Vector3.up, up);
            Vector3 turned = upright * Vector3.forward;
            float angle = Vector3.Angle(turned, forward);
            float sign = Vector3.Dot(Vector3.Cross(turned, forward), up) < 0f ? -1f : 1f;
            return Quaternion.AngleAxis(sign * angle, up) * upright;
        }

        static Vector3 Snapped(Vector3 v)
        {
            v = v.normalized;
            for (var axis = 0; axis < 3; axis++)
            {
                Vector3 along = Vector3.zero;
                along[axis] = v[axis] < 0f ? -1f : 1f;
                if (Vector3.Angle(v, along) < Near)
                    return along;
            }
            return v;
        }

        /// <summary>A rotation inside something that is mirrored along axes of negative scale.</summary>
        static Quaternion Mirrored(Quaternion q, Vector3 scale)
        {
            float x = Math.Sign(scale.x) < 0 ? -1f : 1f, y = Math.Sign(scale.y) < 0 ? -1f : 1f, z = Math.Sign(scale.z) < 0 ? -1f : 1f;
            return new Quaternion(q.x * y * z, q.y * x * z, q.z * x * y, q.w);
        }
    }
}
