using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>A scene that plays, with a receiver that hears what the test says. Whatever a component
    /// throws, or writes to the console, fails the test.</summary>
    public abstract class Scenes
    {
        protected const float Exact = 1e-4f;

        protected readonly Random _random = new Random(21);
        protected readonly List<string> _events = new List<string>();
        protected ScriptedSource _source;
        protected MocapReceiver _receiver;
        double _time;

        [SetUp]
        public void Play()
        {
            Stage.Play();
            _events.Clear();
            _time = 0;
            _source = new ScriptedSource();
            _receiver = Receiver();
            _receiver.Connected += () => _events.Add("connected");
            _receiver.Disconnected += () => _events.Add("disconnected");
            _receiver.PersonAppeared += person => _events.Add("+" + person);
            _receiver.PersonLeft += person => _events.Add("-" + person);
            _receiver.Connect(_source);
        }

        [TearDown]
        public void Clear()
        {
            var trouble = Stage.Trouble.ToArray();
            Stage.Clear();
            Assert.That(trouble, Is.Empty, string.Join("\n", trouble));
        }

        protected static MocapReceiver Receiver()
        {
            var owner = new GameObject("Receiver");
            owner.SetActive(false);
            var receiver = owner.AddComponent<MocapReceiver>();
            receiver.ConnectOnEnable = false;
            receiver.Smooth = false;
            owner.SetActive(true);
            return receiver;
        }

        protected MocapAvatar Avatar(out Body body, int person = -1)
        {
            body = new Body(_random);
            body.MakeHumanoid(_random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            avatar.Person = person;
            avatar.Fade = 0f;
            return avatar;
        }

        protected void Step(params PersonPose[] people)
        {
            _source.Send(_time += 1.0 / 30.0, people);
            Stage.Step();
        }

        protected PersonPose Pose(int id) => People.Pose(id, _random);

        protected static float Off(Body body, PersonPose pose) => body.Error(People.Humanoid(), pose, Quaternion.identity);

        protected static Quaternion[] Turns(Body body)
        {
            var turns = new Quaternion[HumanBones.Count];
            for (var bone = 0; bone < turns.Length; bone++)
                turns[bone] = body.Bones[bone] == null ? Quaternion.identity : body.Bones[bone].localRotation;
            return turns;
        }

        protected static float Apart(Quaternion[] a, Quaternion[] b)
        {
            var worst = 0f;
            for (var i = 0; i < a.Length; i++)
                worst = Math.Max(worst, Body.Between(a[i], b[i]));
            return worst;
        }
    }
}
