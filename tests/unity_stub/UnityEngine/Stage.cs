// Not Unity's: what calls the components here. Frame by frame as in play mode, in the order that
// DefaultExecutionOrder asks for, with the exceptions that Unity would have written to its console.

using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    public static class Stage
    {
        internal static readonly List<GameObject> All = new List<GameObject>();
        internal static readonly List<Object> Doomed = new List<Object>();

        /// <summary>Everything that a component threw, and everything logged as a warning or an error.</summary>
        public static readonly List<string> Trouble = new List<string>();

        /// <summary>Runs between Update and LateUpdate, where Unity's Animator writes its pose.</summary>
        public static Action Animating;

        public static bool Playing { get; private set; }

        /// <summary>An empty scene in play mode.</summary>
        public static void Play()
        {
            Clear();
            Playing = true;
        }

        /// <summary>An empty scene in edit mode, in which only ExecuteAlways components are called.</summary>
        public static void Clear()
        {
            foreach (GameObject o in All.ToArray()) { Object.DestroyImmediate(o); }
            All.Clear();
            Doomed.Clear();
            Trouble.Clear();
            Animating = null;
            Playing = false;
            Time.Now = 0.0;
            Time.timeScale = 1f;
            Application.IsBuilt = false;
            Time.Frame = 0;
        }

        /// <summary>One frame that comes `seconds` after the one before.</summary>
        public static void Step(double seconds = 1.0 / 60.0)
        {
            Time.Now += seconds;
            Time.UnscaledDelta = (float)seconds;
            Time.Delta = Time.timeScale * (float)seconds;
            Time.Frame++;
            List<MonoBehaviour> all = Running();
            foreach (MonoBehaviour b in all)
            {
                if (!b._destroyed && b.isActiveAndEnabled && !b._started)
                {
                    b._started = true;
                    Call(b, "Start");
                }
            }
            Each(all, "Update");
            if (Animating != null) { Animating(); }
            Each(all, "LateUpdate");
            foreach (Object o in Doomed.ToArray()) { Object.DestroyImmediate(o); }
            Doomed.Clear();
        }

        /// <summary>Calls a message, as OnDrawGizmos, of every component that has it.</summary>
        public static void Send(string message) { Each(Running(), message); }

        /// <summary>Every object of the scene that has no parent.</summary>
        public static IEnumerable<GameObject> Roots()
        {
            foreach (GameObject o in All.ToArray()) { if (o.transform.parent == null) { yield return o; } }
        }

        internal static List<T> Find<T>() where T : Object
        {
            List<T> found = new List<T>();
            foreach (GameObject o in All)
            {
                if (!o.activeInHierarchy) { continue; }
                foreach (Component c in o._components) { if (c is T) { found.Add((T)(Object)c); } }
            }
            return found;
        }

        internal static void Refresh(GameObject o)
        {
            foreach (MonoBehaviour b in o.GetComponentsInChildren<MonoBehaviour>(true))
            {
                if (b._destroyed || !(Playing || Attribute.IsDefined(b.GetType(), typeof(ExecuteAlways)))) { continue; }
                bool on = b.isActiveAndEnabled;
                if (!b._awake && b.gameObject.activeInHierarchy) { b._awake = true; Call(b, "Awake"); }
                if (on && !b._on) { b._on = true; Call(b, "OnEnable"); }
                else if (!on && b._on) { b._on = false; Call(b, "OnDisable"); }
            }
        }

        internal static void Leave(Component c)
        {
            MonoBehaviour b = c as MonoBehaviour;
            if (ReferenceEquals(b, null) || b._destroyed) { return; }
            if (b._on) { b._on = false; Call(b, "OnDisable"); }
            if (b._awake) { Call(b, "OnDestroy"); }
        }

        private static List<MonoBehaviour> Running()
        {
            List<MonoBehaviour> all = Find<MonoBehaviour>();
            all.RemoveAll(b => !b._on);
            List<MonoBehaviour> sorted = new List<MonoBehaviour>();
            foreach (MonoBehaviour b in all)  // stable
            {
                int at = sorted.Count;
                while (at > 0 && Order(sorted[at - 1]) > Order(b)) { at--; }
                sorted.Insert(at, b);
            }
            return sorted;
        }

        private static int Order(MonoBehaviour b)
        {
            DefaultExecutionOrder order = (DefaultExecutionOrder)Attribute.GetCustomAttribute(b.GetType(), typeof(DefaultExecutionOrder));
            return order == null ? 0 : order.order;
        }

        private static void Each(List<MonoBehaviour> all, string message)
        {
            foreach (MonoBehaviour b in all)
            {
                if (!b._destroyed && b._on) { Call(b, message); }
            }
        }

        private static void Call(MonoBehaviour b, string message)
        {
            MethodInfo method = null;
            for (Type t = b.GetType(); t != null && method == null; t = t.BaseType)
            {
                method = t.GetMethod(message, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly, null, Type.EmptyTypes, null);
            }
            if (method == null) { return; }
            try { method.Invoke(b, null); }
            catch (TargetInvocationException e) { Trouble.Add(b.GetType().Name + "." + message + ": " + e.InnerException); }
        }
    }
}
