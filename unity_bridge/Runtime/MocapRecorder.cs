using System;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>
    /// Records what the person of a character does, and makes an AnimationClip of it: a key for
    /// each picture, at the time at which it was taken, whatever the frame rate of the scene was.
    /// </summary>
    [AddComponentMenu("Mocap Bridge/Mocap Recorder")]
    [DisallowMultipleComponent]
    [RequireComponent(typeof(MocapAvatar))]
    public sealed class MocapRecorder : MonoBehaviour
    {
        [Tooltip("The name of the next clip.")]
        [SerializeField] string clipName = "Take";

        [Tooltip("What the clip is made of.")]
        [SerializeField] ClipKind kind = ClipKind.Automatic;

        [Tooltip("[s] After which a recording ends by itself.")]
        [Min(1f)]
        [SerializeField] float longest = 600f;

        [Tooltip("Record on the server too: everyone, and all that was seen.")]
        [SerializeField] bool alsoOnServer;

        MocapAvatar _avatar;
        MocapReceiver _receiver;
        PersonMotion _motion;
        bool _onServer;

        /// <summary>A recording ended; null if nobody was seen meanwhile.</summary>
        public event Action<AnimationClip> Recorded;

        public string ClipName { get => clipName; set => clipName = value; }

        public ClipKind Kind { get => kind; set => kind = value; }

        /// <summary>[s] After which a recording ends by itself.</summary>
        public float Longest { get => longest; set => longest = value; }

        public bool AlsoOnServer { get => alsoOnServer; set => alsoOnServer = value; }

        public bool IsRecording => _motion != null;

        /// <summary>[s] Of the recording that runs.</summary>
        public double Seconds => _motion == null ? 0.0 : _motion.Seconds;

        /// <summary>Poses in the recording that runs.</summary>
        public int Frames => _motion == null ? 0 : _motion.Count;

        /// <summary>The newest recording; null before the first. It is not saved by itself.</summary>
        public AnimationClip Clip { get; private set; }

        /// <summary>What went wrong, a sentence; empty if nothing did.</summary>
        public string Problem { get; private set; } = "";

        /// <summary>Begins; whoever the character follows is recorded.</summary>
        public void Begin()
        {
            if (IsRecording)
                return;
            _avatar = GetComponent<MocapAvatar>();
            _receiver = _avatar.Receiver != null ? _avatar.Receiver : MocapReceiver.First;
            Problem = _receiver == null ? "There is no Mocap Receiver in the scene." : ClipBaker.Problem(_avatar, kind);
            if (Problem.Length > 0)
                return;
            _motion = new PersonMotion();
            _receiver.FrameReceived += Take;
            _onServer = alsoOnServer && _receiver.Client != null;
            if (_onServer)
                _receiver.Client.Record(clipName ?? "");
        }

        /// <summary>Ends, and makes the clip.</summary>
        /// <returns>Null if nobody was seen or the character cannot be moved; Problem says so.</returns>
        public AnimationClip End()
        {
            if (!IsRecording)
                return null;
            var motion = Cease();
            if (_avatar == null)
            {
                Problem = "The character is gone, and its recording with it.";
                return null;
            }
            Clip = ClipBaker.Bake(_avatar, motion, kind);
            if (Clip != null)
                Clip.name = string.IsNullOrEmpty(clipName) ? "Take" : clipName;
            else
                Problem = motion.Count == 0 ? "Nobody was seen while recording." : ClipBaker.Problem(_avatar, kind) + _avatar.Problem;
            var listeners = Recorded;
            if (listeners != null)
                listeners(Clip);
            return Clip;
        }

        /// <summary>Ends, and throws away what was recorded.</summary>
        public void Discard()
        {
            if (IsRecording)
                Cease();
        }

        void OnDisable()
        {
            if (IsRecording)
                End();
        }

        void Update()
        {
            if (IsRecording && Seconds >= longest)
                End();
        }

        void Take(MotionFrame frame)
        {
            var pose = _avatar == null || _avatar.Followed < 0 ? null : frame.Find(_avatar.Followed);
            if (pose != null && frame.Cast.IndexOf(pose.Id) >= 0)
                _motion.Add(frame.Time, frame.Cast, pose);
        }

        PersonMotion Cease()
        {
            var motion = _motion;
            _motion = null;
            if (_receiver != null)
            {
                _receiver.FrameReceived -= Take;
                if (_onServer && _receiver.Client != null)
                    _receiver.Client.Stop();
            }
            return motion;
        }
    }
}
