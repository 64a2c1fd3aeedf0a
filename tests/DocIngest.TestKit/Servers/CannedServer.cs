using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DocIngest.TestKit.Servers;

/// <summary>A server on this machine that says to every request what a test wants, byte for byte, and hangs up.</summary>
public sealed class CannedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string> _answer;
    private readonly ConcurrentQueue<string> _requests = [];

    /// <param name="answer">The whole answer, from its status line on; empty to hang up without a word.</param>
    public CannedServer(string answer)
        : this(_ => answer)
    {
    }

    /// <param name="answer">The same, by the request with its headers.</param>
    public CannedServer(Func<string, string> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = AnswerAllAsync();   // until the listener is disposed of
    }

    public Uri Address { get; }

    /// <summary>How many requests came.</summary>
    public int Requests => _requests.Count;

    /// <summary>Each request with its headers, in order.</summary>
    public IReadOnlyList<string> Heads => [.. _requests];

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAllAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            byte[] request = new byte[64 * 1024];
            int length = 0;
            while (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))   // no request of these tests has content
            {
                int read = await stream.ReadAsync(request.AsMemory(length));
                if (read == 0)
                    return;
                length += read;
            }

            string head = Encoding.ASCII.GetString(request, 0, length);
            _requests.Enqueue(head);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(_answer(head)));
        }
        catch (IOException)
        {
            // The client hung up first.
        }
    }
}
