using System;
using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>What a character does whose person is out of sight.</summary>
    public enum WhenLost
    {
        [Tooltip("As the server says: keep the pose for half a second, then stand with hanging arms.")]
        Rest,

        [Tooltip("Keep the last pose in which the person was seen.")]
        Hold,

        [Tooltip("Go back to what the Animator shows, or to the pose before the capture.")]
        Return,
    }

    /// <summary>
    /// Moves a character as a person moves. It must not be Humanoid: bones may be named one by one.
    /// Written in LateUpdate, over what the Animator shows.
    /// </summary>
    [AddComponentMenu("Mocap Bridge/Mocap Avatar")]
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(100)]
    public sealed class MocapAvatar : MonoBehaviour
    {
        const string Optimized = "The Animator hides its bones: switch off Optimize Game Objects in the Rig tab of the model.";
        const float Patience = 1f; // [s] between two looks for bones that were not found

        [Tooltip("Where motion comes from. Empty: the first receiver in the scene.")]
        [SerializeField] MocapReceiver receiver;

        [Tooltip("The number of the person to follow. -1: the first whom no other character follows.")]
        [Min(-1)]
        [SerializeField] int person = -1;

        [Tooltip("The Humanoid to move. Empty: the first Animator in this object.")]
        [SerializeField] Animator animator;

        [Tooltip("How much of the capture is seen. 0: only what the Animator shows.")]
        [Range(0f, 1f)]
        [SerializeField] float weight = 1f;

        [Tooltip("What carries the way through the room.")]
        [SerializeField] Travel travel = Travel.Hips;

        [Tooltip("Factor of all ways. 0: the length of the character's legs by that of the person's, so that feet do not slide.")]
        [Min(0f)]
        [SerializeField] float scale;

        [Tooltip("What to do while the person is out of sight.")]
        [SerializeField] WhenLost whenLost = WhenLost.Rest;

        [Tooltip("[s] How long it takes to take over from the Animator, and to give back.")]
        [Min(0f)]
        [SerializeField] float fade = 0.3f;

        [SerializeField] List<BoneSlot> bones = new List<BoneSlot>();
        [SerializeField] List<StoredRest> storedRest = new List<StoredRest>();

        readonly PersonPose _sample = new PersonPose();
        readonly PersonPose _pose = new PersonPose();
        readonly AvatarPose _solved = new AvatarPose();
        readonly List<StoredRest> _begun = new List<StoredRest>(); // before any Animator moved them
        MocapReceiver _found;
        AvatarRig _rig;
        Avatar _boundAvatar;
        Animator _boundAnimator, _ownAnimator;
        Retarget _retarget;
        Cast _cast;
        int _followed = -1, _place = -1;
        float _legs = 1f; // the retarget's own scale
        float _share; // of the fade, 0 to 1
        float _tryAgain; // [s] on Time.unscaledTime, after bones were not found
        bool _hasPose;
        bool _changed; // something that Bind cannot see
        string _problem = "", _refusal = "";

        public int Person { get => person; set => person = value; }

        public float Weight { get => weight; set => weight = Mathf.Clamp01(value); }

        public Travel Travel { get => travel; set => travel = value; }

        /// <summary>Factor of all ways; 0 for the legs' lengths.</summary>
        public float Scale { get => scale; set => scale = value; }

        public WhenLost WhenLost { get => whenLost; set => whenLost = value; }

        /// <summary>[s] How long it takes to take over from the Animator, and to give back.</summary>
        public float Fade { get => fade; set => fade = value; }

        public MocapReceiver Receiver { get => receiver; set => receiver = value; }

        /// <summary>The Humanoid to move; null for the first Animator in this object.</summary>
        public Animator Animator
        {
            get
            {
                if (animator != null)
                    return animator;
                if (_ownAnimator == null)
                    _ownAnimator = GetComponentInChildren<Animator>();
                return _ownAnimator;
            }
            set { animator = value; Rebind(); }
        }

        /// <summary>The person who is followed now, -1 if nobody is.</summary>
        public int Followed => _followed;

        /// <summary>What is wrong, a sentence; empty if nothing is.</summary>
        public string Problem => _problem;

        /// <summary>The Transform whose children move: the Animator's, or else this one.</summary>
        public Transform Root
        {
            get
            {
                var used = Animator;
                return used != null ? used.transform : transform;
            }
        }

        /// <summary>The Transform that plays a bone; null if none does.</summary>
        public Transform BoneTransform(HumanBodyBones bone) => Find(bone, Animator);

        /// <summary>Names the Transform of a bone, and whether the capture moves it.</summary>
        /// <param name="to">Null for the one that the Animator's Avatar names.</param>
        public void SetBone(HumanBodyBones bone, Transform to, bool follow = true)
        {
            bones.RemoveAll(slot => slot != null && slot.bone == bone);
            if (to != null || !follow)
                bones.Add(new BoneSlot { bone = bone, transform = to, follow = follow });
            Rebind();
        }

        /// <summary>Takes the pose in which the character is now for its T-pose.</summary>
        public void StoreRest()
        {
            ForgetRest();
            var root = Root;
            var known = new HashSet<Transform>();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                for (var at = Find((HumanBodyBones)bone, Animator); at != null && at != root && known.Add(at); at = at.parent)
                    storedRest.Add(new StoredRest { transform = at, position = at.localPosition, rotation = at.localRotation });
        }

        public void ForgetRest()
        {
            storedRest.Clear();
            Rebind();
        }

        public bool HasStoredRest => storedRest.Count > 0;

        /// <summary>Looks at the character anew: after its bones, its Avatar or its size have changed.</summary>
        public void Rebind()
        {
            if (_rig != null && _rig.IsAlive)
                _rig.Release();
            _rig = null;
            _retarget = null;
            _refusal = "";
            _tryAgain = 0f;
            _changed = false;
        }

        /// <summary>Shows one pose at once, with all of its weight, whatever is live.</summary>
        /// <param name="cast">What the pose is a pose of.</param>
        /// <param name="place">Whose it is: the person's place in the cast.</param>
        /// <returns>False if the character cannot be moved; Problem says why.</returns>
        public bool Show(Cast cast, int place, PersonPose pose)
        {
            if (!Bind() || !Prepare(cast, place))
                return false;
            _retarget.Solve(pose, _solved);
            _rig.Apply(_retarget, _solved, 1f, travel);
            return true;
        }

        /// <summary>Takes back what the capture has moved and nobody else has moved since.</summary>
        public void Release()
        {
            if (_rig != null && _rig.IsAlive)
                _rig.Release();
        }

        /// <summary>What differs from the usual for a bone; null if nothing does.</summary>
        internal BoneSlot Slot(HumanBodyBones bone) => bones.Find(slot => slot != null && slot.bone == bone);

        /// <summary>Transforms that a pose moves, parents first; empty if the character cannot be moved.</summary>
        internal void Moved(Cast cast, int place, List<Transform> into)
        {
            into.Clear();
            if (!Bind() || !Prepare(cast, place))
                return;
            for (var i = 0; i < _retarget.DrivenCount; i++)
                if (_rig.Follows(_retarget.Driven(i)))
                    into.Add(_rig.Bone(_retarget.Driven(i)));
        }

        void Awake()
        {
            _begun.Clear(); // without a reload of the scene it remembers the last time
            foreach (var t in Root.GetComponentsInChildren<Transform>(true))
                _begun.Add(new StoredRest { transform = t, position = t.localPosition, rotation = t.localRotation });
        }

        void OnEnable() => _changed = true;

        /// <summary>The editor calls it for what was typed, undone or reverted.</summary>
        void OnValidate() => _changed = true;

        void OnDisable()
        {
            Release();
            LetGo();
        }

        /// <summary>Leaves the person to other characters.</summary>
        void LetGo()
        {
            if (_found != null)
                _found.Unclaim(this);
            _hasPose = false;
            _share = 0f;
            _followed = -1;
        }

        void LateUpdate()
        {
            if (!Bind())
            {
                LetGo();
                return;
            }
            _found = receiver != null ? receiver : MocapReceiver.First;
            if (_found == null)
            {
                _problem = "There is no Mocap Receiver in the scene: add one, with GameObject > Mocap Bridge > Receiver.";
                Follow(false);
                return;
            }
            if (person >= 0)
            {
                _found.Unclaim(this);
                _followed = person;
            }
            else
            {
                _followed = _found.Claim(this, _followed);
            }
            Follow(_followed >= 0 && Look());
        }

        /// <summary>Takes the pose of this frame; false if there is none to follow.</summary>
        bool Look()
        {
            if (!_found.IsLive || !_found.TryGetPose(_followed, _sample))
                return false;
            if (_sample.State == TrackState.Lost && whenLost != WhenLost.Rest)
                return false;
            var place = _found.Cast.IndexOf(_followed);
            if (place < 0 || !Prepare(_found.Cast, place))
                return false;
            _pose.CopyFrom(_sample);
            _hasPose = true;
            return true;
        }

        /// <summary>Writes the pose that there is, more or less of it.</summary>
        void Follow(bool seen)
        {
            var wanted = _hasPose && (seen || whenLost != WhenLost.Return) ? 1f : 0f;
            _share = fade > 0f ? Mathf.MoveTowards(_share, wanted, Time.unscaledDeltaTime / fade) : wanted;
            if (!_hasPose || _retarget == null && !Prepare(_cast, _place))
                return;
            if (_share > 0f)
                _retarget.Solve(_pose, _solved);
            var eased = _share * _share * (3f - 2f * _share);
            _rig.Apply(_retarget, _solved, weight * eased, travel);
            if (_share <= 0f)
                _hasPose = false;
        }

        /// <summary>What brings poses of a person onto the character; made anew when either changed.</summary>
        bool Prepare(Cast cast, int place)
        {
            if (!ReferenceEquals(cast, _cast) || place != _place || (_retarget == null && _refusal.Length == 0))
            {
                _cast = cast;
                _place = place;
                _refusal = "";
                _retarget = null;
                try
                {
                    _retarget = new Retarget(cast, place, _rig.Rest);
                    _legs = _retarget.Scale;
                }
                catch (ArgumentException error)
                {
                    _refusal = error.Message;
                }
            }
            _problem = _refusal;
            if (_retarget == null)
                return false;
            _retarget.Scale = scale > 0f ? scale : _legs;
            return true;
        }

        /// <summary>Finds the bones, again if the character is another one now.</summary>
        bool Bind()
        {
            if (_changed)
                Rebind();
            var used = Animator;
            var avatar = used != null ? used.avatar : null;
            if (_rig != null && ReferenceEquals(used, _boundAnimator) && ReferenceEquals(avatar, _boundAvatar) && _rig.IsAlive)
            {
                _rig.SetFollow(bones);
                _problem = "";
                return true;
            }
            var same = ReferenceEquals(used, _boundAnimator) && ReferenceEquals(avatar, _boundAvatar);
            if (_rig == null && same && Time.unscaledTime < _tryAgain)
                return false;
            _rig = null;
            _retarget = null;
            _refusal = "";
            _boundAnimator = used;
            _boundAvatar = avatar;
            _tryAgain = Time.unscaledTime + Patience;
            var found = new Transform[HumanBones.Count];
            var any = false;
            for (var bone = 0; bone < HumanBones.Count; bone++)
            {
                found[bone] = Find((HumanBodyBones)bone, used);
                any |= found[bone] != null;
            }
            var rest = new RestPose(Root, found, avatar, storedRest, _begun);
            _problem = any ? rest.ToCore().Problem() : Nothing(used);
            if (_problem.Length > 0)
            {
                if (IsHumanoid(used) && !used.hasTransformHierarchy)
                    _problem = Optimized;
                return false;
            }
            _rig = new AvatarRig(Root, found, rest);
            _rig.SetFollow(bones);
            return true;
        }

        Transform Find(HumanBodyBones bone, Animator used)
        {
            for (var i = 0; i < bones.Count; i++)
                if (bones[i] != null && bones[i].bone == bone && bones[i].transform != null)
                    return bones[i].transform;
            if (!IsHumanoid(used))
                return null;
            var found = used.GetBoneTransform(bone);
            return found != null ? found : null; // a destroyed one becomes a true null
        }

        /// <summary>Whether Unity knows which of its bones are whose.</summary>
        internal static bool IsHumanoid(Animator used) =>
            used != null && used.avatar != null && used.avatar.isValid && used.avatar.isHuman;

        static string Nothing(Animator used)
        {
            if (used == null)
                return "There is no Animator in this object: add the component to a character, or name its bones below.";
            if (used.avatar == null)
                return "The Animator has no Avatar: set Animation Type to Humanoid in the Rig tab of the model, or name the bones below.";
            if (!used.avatar.isHuman)
                return "The Avatar is not Humanoid: set Animation Type to Humanoid in the Rig tab of the model, or name the bones below.";
            return "The Animator shows no bones yet: its object must be active in a scene.";
        }
    }
}
