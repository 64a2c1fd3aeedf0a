using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>What servers answer that rclone does not, or not when it is asked to.</summary>
public sealed class RestStoreTests
{
    private const string Version2 = "application/vnd.x.restic.rest.v2";

    private static readonly byte[] Content = "content"u8.ToArray();

    private static readonly FileId Id = FileId.Of(Content);

    private static readonly Uri Address = new("https://backup.example/hospital");

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_as_the_protocol_says()
    {
        using var server = ScriptedHandler.Answering(HttpStatusCode.OK, "[]", Version2);
        using var store = Store(server, new RestCredentials("anna", "pässword"));
        await store.CreateAsync(Cancellation);
        await store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation);
        await store.FindAsync(FileKind.Pack, Id, Cancellation);
        await store.ReadAllAsync(FileKind.Index, Id, 100, Cancellation);
        await store.SaveAsync(FileKind.Snapshot, Id, Content, Cancellation);
        await store.DeleteAsync(FileKind.Lock, Id, Cancellation);
        await store.ReadConfigAsync(Cancellation);
        Assert.Equal(
            [
                "POST /hospital/?create=true", "GET /hospital/data/", $"HEAD /hospital/data/{Id}", $"GET /hospital/index/{Id}",
                $"POST /hospital/snapshots/{Id}", $"DELETE /hospital/locks/{Id}", "GET /hospital/config",
            ],
            server.Asked);
        Assert.Equal(Version2, server.Last?.Headers.Accept.ToString());
        Assert.Equal("Basic YW5uYTpww6Rzc3dvcmQ=", server.Last?.Headers.Authorization?.ToString());
    }

    [Fact]
    public async Task A_part_is_asked_for_by_its_range()
    {
        var answer = ScriptedHandler.Answer(HttpStatusCode.PartialContent, "tent");
        answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(3, 6, 7);
        using var server = ScriptedHandler.Answering(answer);
        using var store = Store(server);
        byte[] part = new byte[4];
        await store.ReadAsync(FileKind.Pack, Id, 3, part, Cancellation);
        Assert.Equal("bytes=3-6", server.Last?.Headers.Range?.ToString());
        Assert.Equal("tent"u8.ToArray(), part);
    }

    [Fact]
    public void Its_name_holds_no_password()
    {
        using var server = ScriptedHandler.Answering(HttpStatusCode.OK);
        using var store = Store(server, new RestCredentials("anna", "secret"));
        Assert.Equal("rest:https://backup.example/hospital/", store.DisplayName);
        Assert.DoesNotContain("secret", $"{new RestCredentials("anna", "secret")}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://backup.example/")]
    [InlineData("https://anna:secret@backup.example/")]
    [InlineData("https://backup.example/?a=b")]
    public void An_address_that_is_none_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => new RestStore(new Uri(address), null, _clock));

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, typeof(StorageDeniedException))]
    [InlineData(HttpStatusCode.Forbidden, typeof(StorageDeniedException))]
    [InlineData(HttpStatusCode.BadRequest, typeof(StorageDeniedException))]
    [InlineData(HttpStatusCode.MovedPermanently, typeof(StorageDeniedException))]
    [InlineData(HttpStatusCode.NotImplemented, typeof(StorageDeniedException))]
    [InlineData(HttpStatusCode.InsufficientStorage, typeof(StorageFullException))]
    [InlineData(HttpStatusCode.RequestTimeout, typeof(StorageUnavailableException))]
    [InlineData(HttpStatusCode.TooManyRequests, typeof(StorageUnavailableException))]
    [InlineData(HttpStatusCode.InternalServerError, typeof(StorageUnavailableException))]
    [InlineData(HttpStatusCode.BadGateway, typeof(StorageUnavailableException))]
    [InlineData(HttpStatusCode.ServiceUnavailable, typeof(StorageUnavailableException))]
    [InlineData(HttpStatusCode.GatewayTimeout, typeof(StorageUnavailableException))]
    public async Task An_answer_that_is_no_success_is_told_by_what_can_be_done(HttpStatusCode status, Type expected)
    {
        using var server = ScriptedHandler.Answering(status);
        using var store = Store(server);
        Func<Task>[] calls =
        [
            () => store.CreateAsync(Cancellation),
            () => store.FindAsync(FileKind.Pack, Id, Cancellation),
            () => store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation),
            () => store.ReadAsync(FileKind.Pack, Id, 0, new byte[1], Cancellation),
            () => store.SaveAsync(FileKind.Pack, Id, Content, Cancellation),
            () => store.DeleteAsync(FileKind.Pack, Id, Cancellation),
            () => store.ReadConfigAsync(Cancellation),
            () => store.CreateConfigAsync(Content, Cancellation),
            async () => await store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation),
        ];
        foreach (var call in calls)
            Assert.IsType(expected, await Record.ExceptionAsync(call));
    }

    [Fact]
    public async Task How_long_a_server_wants_to_be_left_alone_is_passed_on()
    {
        var answer = ScriptedHandler.Answer(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
        var later = ScriptedHandler.Answer(HttpStatusCode.ServiceUnavailable);
        later.Headers.RetryAfter = new RetryConditionHeaderValue(_clock.GetUtcNow().AddMinutes(1));
        using var server = ScriptedHandler.Answering(answer, later);
        using var store = Store(server);
        foreach (var expected in new[] { TimeSpan.FromSeconds(7), TimeSpan.FromMinutes(1) })
        {
            var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.FindAsync(FileKind.Pack, Id, Cancellation));
            Assert.Equal(expected, error.RetryAfter);
        }
    }

    [Fact]
    public async Task A_connection_that_fails_is_unavailable_and_one_that_is_not_secure_is_denied()
    {
        using var broken = new ScriptedHandler((_, _) => throw new HttpRequestException("x", new IOException("Connection reset by peer")));
        using var insecure = new ScriptedHandler((_, _) => throw new HttpRequestException("x", new AuthenticationException("UntrustedRoot")));
        using var one = Store(broken);
        using var other = Store(insecure);
        var unavailable = await Assert.ThrowsAsync<StorageUnavailableException>(() => one.FindAsync(FileKind.Pack, Id, Cancellation));
        Assert.Contains("Connection reset by peer", unavailable.Message, StringComparison.Ordinal);
        var denied = await Assert.ThrowsAsync<StorageDeniedException>(() => other.FindAsync(FileKind.Pack, Id, Cancellation));
        Assert.Contains("UntrustedRoot", denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        using var silent = new ScriptedHandler(async (_, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            throw new InvalidOperationException("Not reached.");
        });
        using var store = Store(silent);
        var asked = store.FindAsync(FileKind.Pack, Id, Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(99));
        Assert.False(asked.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => asked);
    }

    [Fact]
    public async Task What_is_large_has_longer_to_be_sent()
    {
        using var silent = new ScriptedHandler(async (_, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            throw new InvalidOperationException("Not reached.");
        });
        using var store = Store(silent);
        byte[] pack = new byte[32 * 1024 * 60];
        var saved = store.SaveAsync(FileKind.Pack, FileId.Of(pack), pack, Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(159));
        Assert.False(saved.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => saved);
    }

    [Fact]
    public async Task An_answer_that_stops_in_the_middle_is_given_up()
    {
        var body = new StallingStream("con"u8.ToArray());
        using var server = ScriptedHandler.Answering(new HttpResponseMessage { Content = new StreamContent(body) });
        using var store = Store(server);
        var read = store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation);
        await body.Stalled;
        _clock.Advance(TimeSpan.FromSeconds(100));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => read);
    }

    [Fact]
    public async Task Who_cancels_while_an_answer_comes_is_no_failure_of_the_server()
    {
        var body = new StallingStream([]);
        using var server = ScriptedHandler.Answering(new HttpResponseMessage { Content = new StreamContent(body) });
        using var store = Store(server);
        using var stop = new CancellationTokenSource();
        var read = store.ReadAllAsync(FileKind.Pack, Id, 100, stop.Token);
        await body.Stalled;
        await stop.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(stop.Token, error.CancellationToken);
    }

    [Fact]
    public async Task A_listing_of_the_first_version_has_its_sizes_asked_for()
    {
        using var server = ScriptedHandler.Answering(
            ScriptedHandler.Answer(HttpStatusCode.OK, $"[\"{Id}\", \"other\"]", "application/vnd.x.restic.rest.v1"),
            ScriptedHandler.Answer(HttpStatusCode.OK, "1234567"));
        using var store = Store(server);
        Assert.Equal([new StoredFile(Id, 7)], await store.ListAsync(FileKind.Index, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(["GET /hospital/index/", $"HEAD /hospital/index/{Id}"], server.Asked);
    }

    [Theory]
    [InlineData("<html>Welcome to the hotel's network</html>", "text/html")]
    [InlineData("[{\"name\":\"a\"", Version2)]
    [InlineData("[{\"name\":\"a\"}]", Version2)]
    [InlineData("[{\"name\":null,\"size\":1}]", Version2)]
    [InlineData("[{\"name\":\"a\",\"size\":-1}]", Version2)]
    [InlineData("[null]", Version2)]
    [InlineData("[null]", "application/vnd.x.restic.rest.v1")]
    [InlineData("{}", Version2)]
    [InlineData("", Version2)]
    public async Task A_listing_that_is_none_is_never_taken_for_an_empty_one(string content, string type)
    {
        using var server = ScriptedHandler.Answering(HttpStatusCode.OK, content, type);
        using var store = Store(server);
        await Assert.ThrowsAsync<StorageDeniedException>(async () => await store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task What_was_never_written_to_lists_as_empty_but_not_where_rclone_says_so()
    {
        var failing = ScriptedHandler.Answer(HttpStatusCode.NotFound);
        failing.Headers.Server.ParseAdd("rclone/v1.60.1");
        using var server = ScriptedHandler.Answering(ScriptedHandler.Answer(HttpStatusCode.NotFound), failing);
        using var store = Store(server);
        Assert.Empty(await store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task A_server_that_gives_something_else_than_was_asked_for_is_no_server_of_ours()
    {
        var other = ScriptedHandler.Answer(HttpStatusCode.PartialContent, "tent");
        other.Content.Headers.ContentRange = new ContentRangeHeaderValue(0, 3, 7);
        using var server = ScriptedHandler.Answering(ScriptedHandler.Answer(HttpStatusCode.OK, "content"), other);
        using var store = Store(server);
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.ReadAsync(FileKind.Pack, Id, 3, new byte[4], Cancellation));
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.ReadAsync(FileKind.Pack, Id, 3, new byte[4], Cancellation));
    }

    [Fact]
    public async Task A_place_that_the_server_does_not_know_cannot_be_saved_to()
    {
        using var server = ScriptedHandler.Answering(HttpStatusCode.NotFound);
        using var store = Store(server);
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.SaveAsync(FileKind.Pack, Id, Content, Cancellation));
    }

    [Fact]
    public async Task A_server_that_refuses_what_is_there_is_believed_after_a_look()
    {
        using var server = ScriptedHandler.Answering(
            ScriptedHandler.Answer(HttpStatusCode.Forbidden), ScriptedHandler.Answer(HttpStatusCode.OK, "content"), ScriptedHandler.Answer(HttpStatusCode.OK, "content"));
        using var store = Store(server);
        await store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal([$"POST /hospital/data/{Id}", $"HEAD /hospital/data/{Id}", $"GET /hospital/data/{Id}"], server.Asked);
    }

    [Fact]
    public async Task Other_bytes_under_the_name_are_removed_first_where_the_server_does_not_replace()
    {
        using var server = ScriptedHandler.Answering(
            ScriptedHandler.Answer(HttpStatusCode.Forbidden), ScriptedHandler.Answer(HttpStatusCode.OK, "short"), ScriptedHandler.Answer(HttpStatusCode.OK));
        using var store = Store(server);
        await store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(["POST", "HEAD", "DELETE", "POST"], server.Asked.Select(asked => asked.Split(' ')[0]));
    }

    [Fact]
    public async Task Where_another_config_was_faster_that_is_told()
    {
        using var server = ScriptedHandler.Answering(
            ScriptedHandler.Answer(HttpStatusCode.NotFound), ScriptedHandler.Answer(HttpStatusCode.Forbidden), ScriptedHandler.Answer(HttpStatusCode.OK, "other"));
        using var store = Store(server);
        await Assert.ThrowsAsync<NameTakenException>(() => store.CreateConfigAsync(Content, Cancellation));
    }

    [Fact]
    public async Task A_file_without_end_is_not_read_to_it()
    {
        using var server = new ScriptedHandler((_, _) => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new EndlessStream()) }));
        using var store = Store(server);
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => store.ReadAllAsync(FileKind.Pack, Id, 1_000_000, Cancellation));
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => store.ReadConfigAsync(Cancellation));
    }

    private RestStore Store(ScriptedHandler server, RestCredentials? credentials = null) => new(Address, credentials, _clock, server);

    private sealed class EndlessStream : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => buffer.Length;
    }

    /// <summary>Some bytes, and then nothing ever more.</summary>
    private sealed class StallingStream(byte[] first) : ReadOnlyStream
    {
        private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _given;

        public Task Stalled => _stalled.Task;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_given < first.Length)
            {
                first[_given..].CopyTo(buffer);
                return _given = first.Length;
            }

            var forever = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            _stalled.SetResult();
            await forever;
            return 0;
        }
    }
}
