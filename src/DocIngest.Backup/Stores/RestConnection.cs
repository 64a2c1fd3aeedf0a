using System.Net;
using System.Net.Http.Headers;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>Requests to one REST server and what its answers mean. What takes too long, or breaks off, is told as <see cref="StorageUnavailableException"/>.</summary>
internal sealed class RestConnection : IDisposable
{
    /// <summary>Restic's second version of the protocol, in which listings tell sizes.</summary>
    internal const string Version2 = "application/vnd.x.restic.rest.v2";

    private const long SlowestBytesPerSecond = 32 * 1024;   // a quarter of a 1 Mbit/s uplink: four uploads at once still end

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(100);   // a server that stores in a cloud itself answers late

    // A server may stand behind a name whose addresses change.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <exception cref="ArgumentException">The address is not one of http or https, or holds credentials or a query.</exception>
    internal RestConnection(Uri address, RestCredentials? credentials, TimeProvider time, HttpMessageHandler? handler)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException("The address of a REST server begins with https:// or http://.", nameof(address));
        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
            throw new ArgumentException("The address of a REST server holds no credentials, query or fragment.", nameof(address));
        _time = time;
        _client = new HttpClient(handler ?? NewHandler(), disposeHandler: handler is null)
        {
            BaseAddress = address.AbsolutePath.EndsWith('/') ? address : new Uri($"{address.AbsoluteUri}/"),
            Timeout = Timeout.InfiniteTimeSpan,   // ours depend on the size
        };
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(Version2));
        if (credentials is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Encoded(credentials));
        DisplayName = $"rest:{_client.BaseAddress}";
    }

    /// <summary>Without credentials.</summary>
    internal string DisplayName { get; }

    /// <summary>Sends a request and waits for the answer's head. The content is disposed of.</summary>
    /// <exception cref="StorageUnavailableException">No answer.</exception>
    /// <exception cref="StorageDeniedException">The connection is not secure.</exception>
    internal async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, (long Offset, int Length)? range = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (content is not null)
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (range is { } part)
            request.Headers.Range = new RangeHeaderValue(part.Offset, part.Offset + part.Length - 1);
        using var limit = new CancellationTokenSource(LongestSilence + Sending(content), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (Exception error) when (RestFailure.Is(error, cancellation))
        {
            throw RestFailure.Translate(error, DisplayName);
        }
    }

    /// <summary>The content of an answer, to be disposed before it. Reading fails when nothing comes for too long.</summary>
    internal async Task<Stream> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation) =>
        new RestBody(await answer.Content.ReadAsStreamAsync(cancellation), LongestSilence, _time, DisplayName);

    /// <summary>Throws what an answer means that is not a success; 404 means that there is no such file.</summary>
    internal void DemandSuccess(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
            return;
        string message = $"{DisplayName}: the server answers {(int)answer.StatusCode} {answer.StatusCode}.";
        throw answer.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new EntryNotFoundException($"{DisplayName}: no such file."),
            HttpStatusCode.InsufficientStorage => new StorageFullException(message),   // rest-server's quota
            HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => new StorageDeniedException(message),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                new StorageUnavailableException(message) { RetryAfter = RetryAfter(answer) },
            _ => new StorageDeniedException(message),
        };
    }

    internal StorageDeniedException NotRestic(string why, Exception? inner = null) =>
        new($"{DisplayName}: this is no server of restic's REST protocol: {why}.", inner);

    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,   // a redirected request loses its credentials, and a POST its content
        PooledConnectionLifetime = ConnectionLifetime,
    };

    private static string Encoded(RestCredentials credentials) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));

    private static TimeSpan Sending(HttpContent? content) => TimeSpan.FromSeconds((content?.Headers.ContentLength ?? 0) / SlowestBytesPerSecond);

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };
}
