using NUnit.Framework;
using UnityEngine;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>The stand-in for Unity itself: the laws that everything above relies on.</summary>
    public sealed class StandInTests
    {
        const float Exact = 1e-4f;

        static void Near(Vector3 a, Vector3 b) => Assert.That(Vector3.Distance(a, b), Is.LessThan(Exact), a + " is not " + b);

        [TearDown]
        public void Clear() => Stage.Clear();

        static Transform Chain(Random random, int length, bool mirrored)
        {
            Transform at = null;
            for (var i = 0; i < length; i++)
            {
                var next = new GameObject("t" + i).transform;
                next.SetParent(at, false);
                next.localPosition = new Vector3((float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble());
                next.localRotation = People.Turn(random);
                var size = 0.5f + (float)random.NextDouble();
                next.localScale = new Vector3(mirrored && random.Next(2) == 0 ? -size : size, size, size);
                at = next;
            }
            return at;
        }

        [Test]
        public void TurnsAsUnityDocumentsThem()
        {
            Near(Quaternion.AngleAxis(90f, Vector3.up) * Vector3.forward, Vector3.right);
            Near(Quaternion.AngleAxis(90f, Vector3.right) * Vector3.up, Vector3.forward);
            Near(Quaternion.AngleAxis(90f, Vector3.forward) * Vector3.right, Vector3.up);
            Near(Quaternion.Euler(90f, 0f, 90f) * Vector3.right, Vector3.forward); // z first, then x
            Near(Vector3.Cross(Vector3.right, Vector3.up), Vector3.forward);
        }

        [TestCase(false)]
        [TestCase(true)]
        public void PlacesGoThroughTheWholeTree(bool mirrored)
        {
            var random = new Random(3);
            for (var n = 0; n < 30; n++)
            {
                var t = Chain(random, 4, mirrored);
                var p = new Vector3(0.3f, -0.7f, 1.1f);
                Near(t.InverseTransformPoint(t.TransformPoint(p)), p);
                t.position = p;
                Near(t.position, p);
                var q = People.Turn(random);
                t.rotation = q;
                Assert.That(Body.Between(t.rotation, q), Is.LessThan(Exact));
                // along its own axes a Transform scales and turns, and mirrors where its scale is negative
                Near(t.TransformVector(Vector3.up), q * Vector3.Scale(t.lossyScale, Vector3.up));
                Near(t.TransformVector(Vector3.right), q * Vector3.Scale(t.lossyScale, Vector3.right));
            }
        }

        [Test]
        public void KeepingItsPlaceUnderAnotherParent()
        {
            var random = new Random(5);
            Transform child = Chain(random, 3, false), parent = Chain(random, 3, false);
            var at = child.position;
            var turn = child.rotation;
            child.SetParent(parent);
            Near(child.position, at);
            Assert.That(Body.Between(child.rotation, turn), Is.LessThan(Exact));
        }

        [Test]
        public void WhatIsDestroyedIsNull()
        {
            Stage.Play();
            var made = new GameObject("made");
            var t = made.transform;
            UnityEngine.Object.Destroy(made);
            Assert.That(made == null, Is.False, "it lives until the end of the frame");
            Stage.Step();
            Assert.That(made == null && t == null && !made, Is.True);
            Assert.That(ReferenceEquals(t, null), Is.False);
            try
            {
                t.localPosition = Vector3.zero;
                Assert.Fail("it was moved");
            }
            catch (MissingReferenceException)
            {
            }
        }
    }
}
