using System.Collections.Concurrent;
using System.Text.Json;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Child;
using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Tests.Extraction;

public sealed class RequestWatchTests
{
    [Fact]
    public async Task The_end_of_a_parent_that_has_just_asked_ends_the_worker()
    {
        using var input = new ScriptedInput();
        var ended = new TaskCompletionSource();
        var watch = new RequestWatch(input, ended.SetResult);
        input.Send(Request("first"));
        Assert.Equal("first", watch.Next()?.Path);
        input.Send(Request("second"));
        await input.AllTakenAsync();   // the second has come before the worker says that it is done with the first
        Assert.Equal("second", watch.Next()?.Path);
        input.Close();
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_end_of_a_parent_that_waits_for_nothing_is_the_end_of_work()
    {
        using var input = new ScriptedInput();
        bool killed = false;
        var watch = new RequestWatch(input, () => killed = true);
        input.Send(Request("only"));
        Assert.Equal("only", watch.Next()?.Path);
        WorkerRequest? next = null;
        var reader = new Thread(() => next = watch.Next());
        reader.Start();
        await Processes.Until(() => reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        input.Close();
        reader.Join();
        Assert.Null(next);
        Assert.False(killed);
    }

    private static byte[] Request(string path) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new WorkerRequest(path, FileFormat.Png, 1, 1, 1, 1), WorkerProtocol.Instance.WorkerRequest), (byte)'\n'];

    /// <summary>Gives what it was sent, piece by piece, and knows which pieces its reader has done with.</summary>
    private sealed class ScriptedInput : Stream
    {
        private readonly BlockingCollection<byte[]> _pieces = [];
        private int _sent;
        private int _given;   // only the reader's thread
        private int _done;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Send(byte[] piece)
        {
            _sent++;
            _pieces.Add(piece);
        }

        public Task AllTakenAsync() => Processes.Until(() => Volatile.Read(ref _done) == _sent);

        public override int Read(byte[] buffer, int offset, int count)
        {
            Volatile.Write(ref _done, _given);
            if (!_pieces.TryTake(out byte[]? piece, Timeout.Infinite))
            {
                return 0;
            }

            _given++;
            piece.CopyTo(buffer.AsSpan(offset, count));
            return piece.Length;
        }

        public override void Close()
        {
            _pieces.CompleteAdding();
            base.Close();
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
