using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>Collects where Transforms are, time by time, and makes curves of it.</summary>
    internal sealed class TransformCurves
    {
        static readonly string[] Axes = { "x", "y", "z", "w" };

        readonly List<Transform> _turning = new List<Transform>();
        readonly List<Transform> _moving = new List<Transform>();
        readonly List<string> _paths = new List<string>();
        readonly List<float> _times = new List<float>();
        readonly List<Quaternion> _rotations = new List<Quaternion>(); // turning Transforms, time by time
        readonly List<Vector3> _positions = new List<Vector3>(); // moving Transforms, time by time

        /// <param name="root">To which the paths of curves are relative: the Animator's Transform.</param>
        /// <param name="turning">Whose rotation gets curves.</param>
        /// <param name="moving">Whose position gets curves.</param>
        public TransformCurves(Transform root, IEnumerable<Transform> turning, IEnumerable<Transform> moving)
        {
            _turning.AddRange(turning);
            _moving.AddRange(moving);
            foreach (var t in _turning)
                _paths.Add(Path(t, root));
            foreach (var t in _moving)
                _paths.Add(Path(t, root));
        }

        public int Count => _times.Count;

        /// <summary>Keeps where everything is now, for a time [s] later than the one before.</summary>
        public void Add(float time)
        {
            var before = _rotations.Count - _turning.Count;
            for (var i = 0; i < _turning.Count; i++)
            {
                var q = _turning[i].localRotation;
                if (before >= 0 && Quaternion.Dot(_rotations[before + i], q) < 0f)
                    q = new Quaternion(-q.x, -q.y, -q.z, -q.w);
                _rotations.Add(q);
            }
            foreach (var t in _moving)
                _positions.Add(t.localPosition);
            _times.Add(time);
        }

        public void WriteTo(AnimationClip clip)
        {
            var values = new float[_times.Count];
            for (var i = 0; i < _turning.Count; i++)
            {
                for (var axis = 0; axis < 4; axis++)
                {
                    for (var t = 0; t < values.Length; t++)
                        values[t] = Part(_rotations[t * _turning.Count + i], axis);
                    clip.SetCurve(_paths[i], typeof(Transform), "localRotation." + Axes[axis], Curve(_times, values));
                }
            }
            for (var i = 0; i < _moving.Count; i++)
            {
                for (var axis = 0; axis < 3; axis++)
                {
                    for (var t = 0; t < values.Length; t++)
                        values[t] = _positions[t * _moving.Count + i][axis];
                    clip.SetCurve(_paths[_turning.Count + i], typeof(Transform), "localPosition." + Axes[axis], Curve(_times, values));
                }
            }
        }

        /// <summary>A smooth curve through values at times of any distance.</summary>
        public static AnimationCurve Curve(IList<float> times, IList<float> values)
        {
            var keys = new Keyframe[values.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                int a = Mathf.Max(i - 1, 0), b = Mathf.Min(i + 1, keys.Length - 1);
                var slope = b > a ? (values[b] - values[a]) / (times[b] - times[a]) : 0f;
                keys[i] = new Keyframe(times[i], values[i], slope, slope);
            }
            return new AnimationCurve(keys);
        }

        /// <summary>Names from below `root` down to a Transform, as clips want it.</summary>
        public static string Path(Transform t, Transform root)
        {
            var path = "";
            for (; t != null && t != root; t = t.parent)
                path = path.Length == 0 ? t.name : t.name + "/" + path;
            return path;
        }

        static float Part(Quaternion q, int axis) => axis == 0 ? q.x : axis == 1 ? q.y : axis == 2 ? q.z : q.w;
    }
}
