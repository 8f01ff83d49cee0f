/// The texts of the original configuration files, key by key.
enum OriginalFiles {
    static let trading = #"""
        trading:
          symbols: [NVDA, PLTR]
          schedule: {market_open: "14:30", market_close: "21:00", extended_hours: false, trading_days: [0, 1, 2, 3, 4]}
          update_frequency: 5
          data_frequency: 1
          claude_consultation_frequency: 10
          max_concurrent_positions: 5
          max_position_per_symbol: 1
        agents:
          rl_agent:
            type: GRPO
            model_path: ../models/grpo_trained.pth
            state_dim: 50
            action_dim: 3
            device: cpu
            batch_size: 1
            epsilon: 0.1
            epsilon_decay: 0.995
            min_epsilon: 0.01
          deepseek_agent:
            {model_path: ../models/deepseek_trained.pth, history_length: 50, transformer_layers: 6, attention_heads: 8}
          hybrid_agent:
            enabled: true
            decision_mode: claude_override
            rl_weight: 0.7
            claude_weight: 0.3
            enable_claude_override: true
            override_threshold: 0.7
            risk_threshold: 0.7
          claude:
            model: claude-sonnet-4
            max_tokens: 1000
            temperature: 0.7
            market_analysis_prompt: |
              Analyse {symbol} at {current_price}: RSI {rsi}, MACD {macd}, trend {trend}.
              Answer BULLISH/BEARISH/NEUTRAL, LOW/MEDIUM/HIGH, BUY/SELL/HOLD and your reasoning.
            max_requests_per_minute: 20
            cache_results: true
            cache_ttl: 300
        data:
          buffer_size: 100
          indicators:
            rsi: {enabled: true, period: 14}
            macd: {enabled: true, fast: 12, slow: 26, signal: 9}
            sma: {enabled: true, periods: [20, 50, 200]}
            bollinger: {enabled: true, period: 20, std: 2}
            volume: {enabled: true, ma_period: 20}
          normalization: {enabled: true, method: minmax}
        orders:
          default_order_type: market
          market_orders: {slippage_tolerance: 0.001}
          limit_orders: {price_offset: 0.0005, timeout: 60}
          stop_orders: {trigger_offset: 0.02}
          position_sizing: {method: fixed, fixed_quantity: 100, percentage_of_capital: 0.10}
          validation:
            {check_buying_power: true, check_position_limits: true, check_risk_limits: true, min_order_value: 100}
        performance:
          metrics: [total_return, sharpe_ratio, max_drawdown, win_rate, profit_factor, total_trades]
          benchmark_symbol: SPY
          report_frequency: daily
          report_path: logs/performance_reports/
        paper_trading:
          enabled: true
          initial_cash: 100000
          simulate_slippage: true
          slippage_range: [0.0001, 0.001]
          simulate_commission: true
          commission_per_share: 0.005
          simulate_delays: true
          execution_delay_range: [0.1, 1.0]
        learning:
          enabled: false
          replay_buffer_size: 10000
          batch_size: 32
          update_every: 10
          target_update_every: 100
          learning_rate: 0.0001
          gamma: 0.99
          save_model_every: 1000
          checkpoint_path: models/checkpoints/
        logging:
          level: INFO
          main_log: logs/trading.log
          orders_log: logs/orders.log
          performance_log: logs/performance.log
          claude_log: logs/claude_consultations.log
          rotation: {enabled: true, max_bytes: 10485760, backup_count: 5}
          console: {enabled: true, level: INFO, colored: true}
        """#

    static let risk = #"""
        daily_limits:
          {max_daily_loss: 0.05, max_daily_profit: null, max_daily_trades: 100, max_consecutive_losses: 5,
           cooldown_period: 60}
        position_limits:
          {max_position_size: 0.30, min_position_size: 100, max_concurrent_positions: 10,
           max_sector_concentration: 0.50, max_leverage: 1.0}
        stop_loss:
          enabled: true
          percentage: 0.02
          order_type: market
          trailing: {enabled: true, percentage: 0.03}
          time_based: {enabled: false, max_holding_period: 86400}
        take_profit:
          enabled: true
          percentage: 0.05
          partial: {enabled: true, first_target: 0.03, sell_percentage: 0.50}
        emergency:
          max_total_loss: 0.10
          actions:
            {close_all_positions: true, cancel_all_orders: true, disconnect_brokers: true, send_alert: true,
             lock_trading: true}
          auto_recovery: {enabled: false, wait_period: 3600}
        drawdown:
          max_drawdown: 0.15
          on_max_drawdown: {reduce_position_size: true, reduction_factor: 0.5, pause_trading: false}
          recovery_period: 7200
        volatility: {adaptive_sizing: true, max_volatility: 0.05, high_volatility_margin: 1.5}
        correlation: {enabled: false, max_correlation: 0.7}
        rate_limiting: {max_orders_per_minute: 20, max_order_value_per_minute: 50000, min_order_interval: 1}
        risk_scoring:
          enabled: true
          max_risk_score: 70
          factors:
            {volatility: 0.3, position_size: 0.2, drawdown: 0.2, market_conditions: 0.15, claude_assessment: 0.15}
        market_conditions:
          check_market_hours: true
          check_circuit_breakers: true
          check_news_events: false
          vix_threshold: 30
          on_high_vix: {reduce_position_size: true, reduction_factor: 0.5, increase_stop_loss: true}
        account: {min_balance: 10000, reserve_cash: 5000, max_buying_power_usage: 0.90}
        claude_risk: {enabled: true, max_risk_level: MEDIUM, require_approval_above: 10000, cache_duration: 300}
        alerts:
          slack:
            enabled: true
            webhook_url: ${SLACK_WEBHOOK_URL}
            levels: [WARNING, ERROR, CRITICAL]
            conditions:
              daily_loss_50pct: true
              daily_loss_75pct: true
              daily_loss_100pct: true
              position_stop_loss: true
              emergency_shutdown: true
              max_drawdown_warning: true
              high_volatility: true
          email:
            enabled: false
            smtp_server: ${SMTP_SERVER}
            smtp_port: ${SMTP_PORT}
            from_email: ${SMTP_USERNAME}
            to_email: ${ALERT_EMAIL_TO}
            levels: [ERROR, CRITICAL]
        logging: {log_risk_checks: true, log_violations: true, risk_log_file: logs/risk_management.log}
        testing: {disable_limits: false, reduce_limits: false, reduction_factor: 0.1}
        compliance:
          {pdt_protection: true, max_day_trades_per_week: 3, wash_sale_protection: false, keep_audit_trail: true,
           audit_trail_path: logs/audit/}
        """#
}

extension OriginalFiles {
    static let brokers = #"""
        brokers:
          kis:
            enabled: true
            name: Korea Investment & Securities
            markets: [KR, US, CN, JP]
            api_type: "REST + WebSocket"
            base_url: https://openapi.koreainvestment.com:9443
            app_key: ${KIS_APP_KEY}
            app_secret: ${KIS_APP_SECRET}
            account_no: ${KIS_ACCOUNT_NO}
            environment: ${KIS_ENVIRONMENT}
            timeout: 10
            max_retries: 3
            reconnect_delay: 5
            rate_limit: {requests_per_second: 10, orders_per_minute: 100}
            features:
              {paper_trading: true, real_time_data: true, historical_data: true, order_execution: true,
               websocket_streaming: true}
          ib:
            enabled: true
            name: Interactive Brokers
            markets: [US, EU, ASIA, CA]
            api_type: "TWS API / IB Gateway"
            host: ${IB_HOST}
            port: ${IB_PORT}
            client_id: ${IB_CLIENT_ID}
            timeout: 10
            max_retries: 3
            reconnect_delay: 5
            tws: {auto_start: false, path: null}
            rate_limit: {requests_per_second: 50, orders_per_minute: 200}
            features:
              {paper_trading: true, real_time_data: true, historical_data: true, order_execution: true,
               websocket_streaming: true, options_trading: true, futures_trading: true, forex_trading: true}
        routing:
          default_strategy: auto
          rules:
            - symbols: ["^[0-9]{6}$"]
              broker: kis
              reason: Korean shares
            - symbols: [NVDA, PLTR, AAPL, TSLA, MSFT, GOOGL]
              broker: auto
              strategy: low_latency
            - symbols: [".*OPT$", ".*FUT$"]
              broker: ib
          fallback: {enabled: true, max_attempts: 2}
        health_check:
          enabled: true
          interval: 60
          timeout: 5
          on_failure: {log: true, alert: true, reconnect: true, max_reconnect_attempts: 3}
        logging:
          {log_connections: true, log_disconnections: true, log_orders: true, log_data_streams: false, log_level: INFO}
        """#

    static let symbols = #"""
        symbols:
          NVDA:
            name: NVIDIA Corporation
            market: US
            exchange: NASDAQ
            sector: Technology
            currency: USD
            broker_symbols: {kis: NVDA, ib: NVDA}
            lot_size: 1
            tick_size: 0.01
            min_quantity: 1
            max_position_size: 0.25
            stop_loss_percentage: 0.02
          PLTR: {name: Palantir, market: US, exchange: NYSE, currency: USD, tick_size: 0.01, max_position_size: 0.25}
          TSLA: {market: US, exchange: NASDAQ, currency: USD, max_position_size: 0.20, stop_loss_percentage: 0.03}
          "005930":
            {name: Samsung Electronics, market: KR, exchange: KOSPI, currency: KRW, tick_size: 100,
             broker_symbols: {kis: "005930", ib: null}, max_position_size: 0.30, stop_loss_percentage: 0.02}
        watchlists: {tech: [NVDA, AAPL], korean_tech: ["005930"], high_volatility: [TSLA], low_volatility: [MSFT]}
        market_hours:
          NASDAQ:
            timezone: America/New_York
            regular: {open: "09:30", close: "16:00"}
            extended: {pre: "04:00", post: "20:00"}
        currencies:
          USD: {decimals: 2}
          KRW: {decimals: 0}
          fallback_rates: {USD_TO_KRW: 1300, KRW_TO_USD: 0.00077}
        sectors: {Technology: [NVDA, PLTR]}
        validation:
          {allowed_markets: [US, KR], allowed_exchanges: [NASDAQ, NYSE, KOSPI, KOSDAQ], blacklist: [],
           whitelist_enabled: false}
        """#

    static let dotEnv = """
        KIS_APP_KEY=your_key
        KIS_APP_SECRET=your_secret
        KIS_ACCOUNT_NO=12345678-01
        KIS_ENVIRONMENT=virtual  # virtual or real
        IB_HOST=127.0.0.1
        IB_PORT=7497  # 7496 live
        IB_CLIENT_ID=1
        ANTHROPIC_API_KEY=your_key
        TRADING_MODE=paper
        LOG_LEVEL=INFO
        LOG_FILE=logs/trading.log
        SLACK_WEBHOOK_URL=https://hooks.slack.com/services/x
        SLACK_ENABLED=false
        EMAIL_ENABLED=false
        SMTP_SERVER=smtp.gmail.com
        SMTP_PORT=587
        SMTP_USERNAME=me@example.com
        SMTP_PASSWORD=secret
        ALERT_EMAIL_TO=me@example.com
        DB_TYPE=sqlite
        DB_PATH=logs/trading.db
        PAPER_TRADING_INITIAL_CASH=100000
        """
}

/// The example of the contract's "Configuration keys".
extension OriginalFiles {
    static let contractTrading = #"""
        trading:
          symbols: [NVDA, PLTR]            # the one profile `default`, when `profiles` is absent
          base_currency: USD
        # original key, seconds; kept for the supervisor's own checks, the beat is `timeframe`
          update_frequency: 5
          claude_consultation_frequency: 10
          profiles:
            us-5m: {symbols: [NVDA, PLTR], timeframe: 5m, session: regular, broker: auto, strategy: auto,
                agents: [hybrid], bars: auto}
            kr-5m: {symbols: ["005930"], timeframe: 5m, broker: kis}
        # broker: auto | paper | kis | ib      strategy: auto | low_latency | low_fees      bars: auto | imported | generator | kis | ib

        agents:
          rl_agent: {type: GRPO, model_path: models/grpo.safetensors, state_dim: 14, action_dim: 3}
          hybrid_agent: {decision_mode: sequential, rl_weight: 0.7, claude_weight: 0.3,
              enable_claude_override: true, risk_threshold: 0.7, semantics: protective}
          sma-cross: {fast: 10, slow: 50}  # any agent may be given its parameters under its name
        # original; risk.yaml wins
        risk: {max_daily_loss: 0.05, max_position_size: 0.3, stop_loss_pct: 0.02, emergency_shutdown_loss: 0.10}
        orders: {default_order_type: market, position_sizing: {method: percent-of-equity, percent: 0.1}}
        paper: {initial_cash: {USD: 100000, KRW: 100000000}, knows_client_order_ids: true}
        """#

    static let contractBrokers = #"""
        brokers:
          kis: {enabled: true, markets: [KR, US, CN, JP], api_type: "REST + WebSocket"}
          ib: {enabled: true, markets: [US, EU, ASIA], host: "${IB_HOST}", port: "${IB_PORT}",
              client_id: "${IB_CLIENT_ID}"}
        routing: {default_strategy: auto}
        """#

    static let contractRisk = #"""
        risk_limits: {daily_loss_limit: 0.05, position_size_limit: 0.30, stop_loss_pct: 0.02,
            emergency_shutdown_loss: 0.10, max_daily_orders: 100, max_position_count: 10, max_leverage: 1.0,
            max_daily_claude_calls: 200}
        alerts: {slack: {enabled: true, webhook_url: "${SLACK_WEBHOOK_URL}"}, email: {enabled: true,
            to: "${ALERT_EMAIL}"}}
        """#

    static let contractSymbols = #"""
        symbols:
          NVDA: {name: NVIDIA, market: US, exchange: XNAS, currency: USD, lot_size: 1, tick_size: "0.01",
              broker_symbols: {kis: NVDA, ib: NVDA}}
          "005930": {name: Samsung Electronics, market: KR, exchange: XKRX, currency: KRW}
        """#
}
